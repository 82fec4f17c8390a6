"""Writes random templates out of every part of the language and what transformers makes of them; see README.md.

Usage: python tools/golden/jinja_random.py SEED COUNT FOLDER/cases.json
"""

import json
import random
import sys

import jinja_expressions

ATOMS = """x|text|empty|n|f|numbers|mixed|map|messages|nothing|missing|yes|1|0|-3|2.5|'abc'|'a b'|''|[1,2]|(1,'b')|{'k': 1, 'j': 'v'}|none|true
messages[0]|messages[0].role|map.a|map.b|numbers[0]|numbers[1:3]|'é🦊x'|range(3)|map.items()|loop.index|'A-b_C d'|'  pad '|1e3|[]|{}
[['a',2],['b',1]]|['b','a','C']|'3'|'1.5'""".replace("\n", "|").split("|")
FILTERS = """upper lower title capitalize trim length list first last reverse string int float abs round sum min max unique sort join join('-') tojson items
default('d') default('d',true) replace('a','b') map('string') map('upper') map(attribute='role') selectattr('role') select('string') reject('none')
sort(reverse=true) dictsort indent(2) center(6) batch(2) tojson(indent=1) select('odd') map('first') map('length') truncate(3,true,'',0) round(1) d count
rejectattr('n','defined') groupby('role') format(1) map('int') sum(start=1) unique(case_sensitive=true)""".split()
METHODS = """upper() split() split('a') strip() lower() title() replace('a','Z') startswith('a') items() keys() values() get('k') get('b','z')
join(['p','q']) count('a') find('b') splitlines() partition('b') capitalize() endswith('c') lstrip('a') rstrip() rsplit('b',1) isdigit() isupper() zfill(5)
role content k nosuch a 0 index(2) removesuffix('c') isalpha() islower()""".split()
TESTS = """defined|none|string|number|mapping|iterable|sequence|odd|even|eq 1|in [1,'abc']|divisibleby 2|lower|upper|integer|float|boolean|true|false|gt 1
undefined|sameas none""".replace("\n", "|").split("|")
OPERATORS = "+|-|*|/|//|%|**|~|==|!=|<|>|<=|>=|and|or|in|not in".split("|")
SPACES = ["", "\n", " ", "  \n", "\n  ", "\t", "a", "\n\n", "b\n", "\r\n"]


class Writer:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, choices):
        return self.random.choice(choices)

    def expression(self, depth):
        kind = self.random.random()
        inner = lambda: self.expression(depth - 1)
        if depth <= 0 or kind < 0.15:
            return self.pick(ATOMS)
        if kind < 0.42:
            return f"{inner()}|{self.pick(FILTERS)}"
        if kind < 0.55:
            return f"({inner()}).{self.pick(METHODS)}"
        if kind < 0.62:
            return f"{inner()} is {self.pick(['', '', 'not '])}{self.pick(TESTS)}"
        if kind < 0.82:
            return f"{inner()} {self.pick(OPERATORS)} {inner()}"
        if kind < 0.86:
            index = self.pick(["0", "-1", "1:", "::-1", "'role'", "'k'", ":2", "n", "5"])
            return f"({inner()})[{index}]"
        if kind < 0.90:
            return f"{inner()} if {inner()}" + self.pick(["", f" else {inner()}", f" else {inner()}"])
        if kind < 0.95:
            return self.pick(["not ", "-"]) + inner()
        return self.pick([f"[{inner()}, {inner()}]", f"({inner()})"])

    def tag(self, words):
        signs = ["", "", "", "-", "+"]
        return "{%" + self.pick(signs) + f" {words} " + self.pick(signs) + "%}"

    def block(self, depth):
        kind = self.random.random()
        space = lambda: self.pick(SPACES)
        inner = lambda: self.block(depth - 1)
        if depth <= 0 or kind < 0.3:
            return space() + "{{" + self.pick(["", "-"]) + f" {self.expression(1)} " + self.pick(["", "-"]) + "}}" + space()
        if kind < 0.5:
            condition = self.tag("if " + self.expression(1))
            return space() + condition + inner() + self.tag("else") + inner() + self.tag("endif") + space()
        if kind < 0.7:
            test = f" if i is {self.pick(TESTS)}" if self.random.random() < 0.3 else ""
            end = self.pick(
                ["{{ i }}", "{{ loop.index }}", "", "{% if loop.last %}{% break %}{% endif %}", "{% set x = loop.index0 %}{{ x }}"]
            )
            head = self.tag(f"for i in {self.expression(1)}{test}")
            return space() + head + inner() + end + self.tag("endfor") + space()
        if kind < 0.8:
            return space() + self.tag(f"set {self.pick(['x', 'q', 'n'])} = {self.expression(1)}") + space() + "{{ x }}" + inner()
        if kind < 0.85:
            return "{#" + self.pick(["", "-"]) + " c " + self.pick(["", "-"]) + "#}" + space() + inner()
        if kind < 0.9:
            call = "{{ m(" + self.expression(0) + ") }}"
            return "{% macro m(p, q=2) %}" + inner() + "{{ p }}{{ q }}{% endmacro %}" + call
        if kind < 0.95:
            return "{% set b %}" + inner() + "{% endset %}{{ b }}"
        return inner() + inner()

    def template(self):
        if self.random.random() < 0.6:
            return "{{ " + self.expression(self.random.randint(1, 4)) + " }}"
        return self.block(3)


def main(seed, count, file):
    writer = Writer(seed)
    cases = [jinja_expressions.case(writer.template()) for _ in range(count)]
    with open(file, "w") as out:
        json.dump({"variables": jinja_expressions.VARIABLES, "cases": cases}, out, indent=1)
    print(count, "cases of seed", seed, "to", file)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
