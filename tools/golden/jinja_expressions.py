"""Writes what transformers makes of Jinja templates at the edges of the language; see README.md.

Usage: python tools/golden/jinja_expressions.py [core/src/test/resources/cases/models/jinja-expressions/cases.json]
Expressions, blocks and white space, each rendered by the environment that transformers compiles chat templates in.
expected is null where Python raises; error then tells what.
"""

import itertools
import json
import sys
from pathlib import Path

import jinja2
import transformers
from transformers.utils.chat_template_utils import _compile_jinja_template

FILE = Path(__file__).resolve().parents[2] / "core/src/test/resources/cases/models/jinja-expressions/cases.json"

VARIABLES = {
    "messages": [
        {"role": "user", "content": "Größe 🦊?"},
        {"role": "assistant", "content": "  yo\n", "n": 2},
        {"role": "User", "content": [{"type": "image"}, {"type": "text", "text": "bye"}], "n": 1},
    ],
    "x": "X",
    "text": "Hello, wörld! it's a test-case (of <words>)\n  second line\n\nend",
    "empty": "",
    "numbers": [3, -1, 2, 10, 2],
    "mixed": [1, "a", None, True, 2.5, [], {}],
    "map": {"b": 1, "a": {"c": [1, 2, {"d": "deep"}]}, "items": "shadowed", "Z": None},
    "n": 7,
    "f": 2.5,
    "yes": True,
    "nothing": None,
}

EXPRESSIONS = []


def add(*expressions):
    EXPRESSIONS.extend("{{ %s }}" % e for e in expressions)


def arithmetic():
    values = ["7", "-7", "3", "-3", "0", "2.5", "-2.5", "1e3", "true", "10**15"]
    for a, b in itertools.product(values[:7], ["3", "-3", "2.5", "-0.5", "2"]):
        for operator in ("//", "%"):
            add(f"({a}) {operator} ({b})")
    for a, b in itertools.product(values, ["2", "-2", "0.5", "true"]):
        add(f"({a}) / ({b})", f"({a}) * ({b})", f"({a}) - ({b})")
    add("2**10", "2**-1", "-2**2", "2**3**2", "(-8)**3", "0**0", "2.0**3", "9**0.5", "(-8)**0.5", "2**62", "1/3", "2/3", "10/2", "7//2*2+7%2")
    add("1+1", "1 +1", "1-1", "n-1", "n+1*2", "(n+1)*2", "-n", "+n", "- -n", "not n", "not not n", "-n|abs", "1//0", "1/0", "1%0", "1.0//0")
    add("1e20", "1e16", "1e15", "123456789012345678.0", "1e-4", "1e-5", "0.1+0.2", "1e100", "2.5e-7", "100.0", "1.0", "0.00012345", "5e-324", "1.7976931348623157e308")
    add("-0.0", "0.0*-1", "1_000", "0x1F", "0b101", "0o17", "1_0.5", "9007199254740993", "2.0E-3", "1.0e23", "9.5367431640625e-07", "4.35", "0.5", "1e22", "1e21", "123456.789e3")
    add("7.0 // 2", "-7.5 // 2", "7.5 % 2", "-7.5 % 2", "7.5 % -2", "-0.0 % 3", "5 % 0.3", "1e300*1e10", "true + true", "true * 3", "'a' * true")
    add("n ** 2", "f ** 2", "f * n", "f / n", "n / f", "9223372036854775807", "9223372036854775807 + 1", "2**64")


def comparisons():
    for a, b in itertools.combinations(["1", "1.0", "true", "'1'", "none", "[]", "[1]", "(1,)", "{}", "missing", "''", "'a'"], 2):
        add(f"{a} == {b}", f"{a} != {b}")
    add("1 < 2 < 3", "1 < 3 < 2", "3 > 2 >= 2", "1 == 1.0 == true", "'a' < 'b'", "'Z' < 'a'", "'é' > 'z'", "[1,2] < [1,3]", "[1] < [1,0]", "(1,2) < (1,3)", "1 < 'a'", "none < 1")
    add("'\U0001F98A' > '\uFFFD'", "1 in [1.0]", "true in [1]", "'a' in 'cat'", "'' in ''", "1 in 'a'", "'b' in map", "'q' not in map", "none in mixed", "'x' in missing", "1 in none", "not 1 in [2]")
    add("1 and 2", "0 and 2", "1 or 2", "'' or 'd'", "none or 0", "missing or 'd'", "missing and 1", "x and n", "[] or {}", "not missing", "1 if missing", "1 if x else 2", "1 if not x else 2 if n else 3")
    add("'a' if false", "('a' if false) is defined", "x == 'X' and n == 7", "x is defined and x", "nothing is none", "missing is none", "missing.a is defined", "map.q is defined", "map.q.r is defined", "map['q'] is undefined")


def tests():
    names = "defined undefined none boolean true false integer float number string mapping iterable sequence callable lower upper".split()
    values = ["x", "missing", "nothing", "yes", "0", "1", "f", "'abc'", "'ABC'", "'aB1'", "[]", "(1,)", "{}", "map", "range(2)", "range", "[1]|map('abs')", "1.0", "''"]
    for name, value in itertools.product(names, values):
        add(f"{value} is {name}")
    add("3 is odd", "4 is odd", "-3 is odd", "4 is even", "9 is divisibleby 3", "9 is divisibleby(2)", "3 is eq 3", "3 is equalto(3.0)", "3 is ne 4", "3 is lt 4", "3 is greaterthan 4", "3 is ge 3", "3 is le 2")
    add("x is in ['X']", "'a' is in 'cat'", "none is sameas none", "true is sameas true", "1 is sameas true", "x is not string", "x is not defined", "not x is string", "x is string and n is number", "n is not divisibleby 2", "3 is nosuch", "x is string is true")
    add("1 is ==1", "x is in(['a','X'])", "2 is in [1, 2]", "n is gt 3 and n is lt 10", "2.0 is even", "2.5 is odd", "'2' is number", "true is integer", "true is number")


def strings():
    methods = ["upper", "lower", "title", "capitalize", "strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "isupper", "islower", "isdigit", "isalpha", "isalnum", "isspace", "swapcase", "casefold", "isascii", "isnumeric", "isdecimal", "istitle"]
    values = ["x", "text", "empty", "'  a b  '", "'123'", "'they\\'re bill\\'s'", "'ÀÉ ß ﬁ'", "'a\\tb\\nc'", "'\\u3000x\\xa0'", "'ΑΣ'", "'İi'", "'ab1'", "' '", "'Title Case'"]
    for method, value in itertools.product(methods, values):
        add(f"{value}.{method}()")
    add("'a,b,c'.split(',')", "'a,b,c'.split(',', 1)", "'a,b,c'.rsplit(',', 1)", "'a,b,c'.split(sep=',', maxsplit=1)", "'a  b'.split(' ')", "' a b '.split(none, 1)", "' a b '.rsplit(none, 1)", "'a'.split('')", "''.split()", "''.split(',')", "'aXbX'.rsplit('X')")
    add("'a\\r\\nb\\x0bc\\x1cd\\x85e\\u2028f'.splitlines()", "'a\\nb\\n'.splitlines(true)", "'a\\n\\nb'.splitlines()", "'k=v=w'.partition('=')", "'k=v=w'.rpartition('=')", "'k'.partition('=')", "'k'.rpartition('=')")
    add("', '.join(['a','b'])", "', '.join([])", "''.join('abc')", "','.join([1])", "','.join(map)", "', '.join(('x','y'))", "'pre-x'.removeprefix('pre-')", "'pre-x'.removeprefix('x')", "'x.py'.removesuffix('.py')", "'x'.removesuffix('')")
    add("'abc'.startswith('ab')", "'abc'.startswith(('x','ab'))", "'abc'.endswith(('c','d'))", "'abc'.endswith(())", "'abc'.startswith('b', 1)", "'abc'.startswith('')", "'abc'.endswith(['c'])", "'aXbXc'.replace('X', '-')", "'aXbXc'.replace('X', '-', 1)", "'aaa'.replace('a', 'bb', 2)", "'abc'.replace('', '-')", "'abc'.replace('b')")
    add("'abcabc'.find('c')", "'abcabc'.rfind('c')", "'abc'.find('z')", "'abc'.index('z')", "'🦊abc'.find('b')", "'abcabc'.count('bc')", "'aaa'.count('aa')", "'abc'.count('')", "'abcabc'.find('c', 3)", "'7'.zfill(3)", "'-7'.zfill(4)", "'ab'.ljust(4)", "'ab'.rjust(4, '.')", "'ab'.center(5)", "'abc'.center(6, '*')", "'abc'.center(2)")
    add("'xxaxx'.strip('x')", "'abcba'.strip('ab')", "'xay'.lstrip('yx')", "'a'.strip(none)", "'{} {}'.format('a', 1)", "'{0}{1}{0}'.format('a', 'b')", "'{a}'.format(a=none)", "'{:.2f}'.format(2.345)", "'{{}}'.format()", "'{:>5}'.format('a')", "'{}'.format()", "'{!r}'.format('a')", "'{.x}'.format(1)")
    add("'%s' % 'a'", "'%s-%s' % ('a', 1)", "'%d%%' % 5", "'%.2f' % 2.345", "'%f' % 1", "'%r' % 'a'", "'%5d' % 3", "'%s' % none", "'%s' % [1]", "'%x' % 255", "'%s %s' % 'a'", "'a' % 'b'", "'%(k)s' % {'k': 1}", "'%d' % 2.7", "'a' % []", "'%s' % (1,)")
    add("'-' * 3", "3 * '-'", "'-' * 0", "'-' * -1", "'ab' 'cd'", "'a' + 'b' ~ 1 + 2", "'a' ~ none ~ 1.0 ~ true ~ [1]", "'a' + 1", "'a' + none", "'a' ~ missing", "'a\\\nb'", "'\\x41\\u00e9\\U0001F98A\\101\\q'", "'\\0'", "'tab\\there'", '"it\'s"', "'say \"hi\"'")
    add("text[0]", "text[-1]", "text[1:5]", "text[::-1]", "text[:5:2]", "'🦊ab'[1:]", "'🦊ab'[0]", "text[100:]", "'abc'[5]", "'abc'['0']", "'abc'[true]", "'abc'[1.0]", "'abc'[3:0:-1]", "'abc'[none:2]", "'abc'[::0]", "x.upper", "x.nosuch", "x.nosuch()", "x.__class__", "'abc'.encode()")


def values():
    add("none", "true", "false", "True", "None", "[1, 'a', none, true, 2.0, missing]", "(1,)", "()", "(1, 2)", "1, 2", "{'a': 1, 'b': [none]}", "{}", "[]", "mixed", "map", "messages[0]", "['it\\'s', 'say \"x\"', 'a\\nb', '\\\\', 'é', '\\u200b', '\\x07', '\\xad', '🦊']", "[1e20, 1.0, -0.0]", "{1: 2}", "{none: 1}", "{true: 1}", "{1.5: 1}", "{(1,2): 3}")
    add("map.b", "map['b']", "map.a.c[2].d", "map.a.c[-1]['d']", "map.q", "map['q']", "map.items", "map['items']", "map.get('b')", "map.get('q')", "map.get('q', 'd')", "map.get('Z', 'd')", "map.keys()", "map.values()", "map.a.items()", "map.items()|list", "map.keys()|list", "map|list", "map|length", "map.keys()|length", "'b' in map.keys()", "map.copy().b", "map.pop('b')", "map.update({})", "map.keys()[0]", "map.get(key='b')")
    add("{'a':{'b':2}}.a.b", "{'a': 1}['a']", "[1,2][0]", "[[1,2],[3]][0][1]", "{'keys': 1}.keys", "{'x': 1}.x", "[1,2,3][1:]", "[1,2,3][-1]", "[1,2,3][5]", "[1,2,3]['a']", "(1,2,3)[1:]", "[1,2,3][::-1]", "[1,2,3][:-1]", "[1,2]+[3]", "(1,)+(2,)", "[1]+(2,)", "[1]*3", "2*[1,2]", "[1,2].index(2)", "[1,1].count(1)", "[1].append(2)", "[3,1].sort()", "numbers.0", "numbers[1]", "nothing.a", "nothing[0]", "nothing.a.b", "n.real", "n.foo", "missing", "missing.x", "missing[0]", "missing()", "missing[1:]", "nothing[1:]", "messages[5]", "messages[5].role", "messages[-1].content[1].text", "messages[0]['role']", "messages[0].content|length")
    add("range(3)|list", "range(1, 4)|list", "range(5, 0, -2)|list", "range(3)[1]", "range(0)|length", "range(3)", "range(3)|sum", "2 in range(3)", "dict(a=1, b='x')", "dict({'a': 1}, b=2)", "namespace(a=1).a", "namespace(a=1).b", "namespace({'a': 1}).a", "namespace is defined", "range is defined", "dict is defined", "raise_exception is defined", "strftime_now is defined", "cycler('a','b').next()", "cycler('a','b').current", "joiner('; ')() ~ 'a'", "lipsum is defined", "nosuch()", "raise_exception('so there')", "range('a')", "strftime_now('%%')")


def filters():
    plain = "upper lower title capitalize trim length count list first last reverse string int float abs round sum min max unique sort join tojson items d default safe".split()
    values = ["x", "text", "empty", "n", "f", "-7", "'12'", "' 3.9 '", "'1e3'", "'abc'", "nothing", "missing", "yes", "numbers", "mixed", "map", "['b','A','c']", "(2,1)", "[[2],[1]]", "'they\\'re bill\\'s-foo (bar) <b>'", "range(3)", "[true, false]"]
    for name, value in itertools.product(plain, values):
        add(f"{value}|{name}")
    add("numbers|sort", "numbers|sort(reverse=true)", "['b','A','c','B']|sort", "['b','A','c']|sort(case_sensitive=true)", "messages|sort(attribute='role')|map(attribute='role')|join(',')", "messages|sort(attribute='role', reverse=true)|map(attribute='role')|list", "[1,'a']|sort", "'bca'|sort", "map|sort", "[{'a':{'b':2}},{'a':{'b':1}}]|sort(attribute='a.b')", "[{'a':1,'b':2},{'a':1,'b':1}]|sort(attribute='a,b')", "[[2,'x'],[1,'y']]|sort(attribute=0)", "[{'a':1},{}]|sort(attribute='a')", "[true,0,2]|sort", "[2.5,1,3]|sort")
    add("{'b':1,'a':2}|dictsort", "{'b':1,'a':2}|dictsort(by='value')", "{'b':1,'A':2,'a':0}|dictsort", "{'b':1,'A':2}|dictsort(true)", "{'b':1,'a':2}|dictsort(reverse=true)", "{'b':1,'a':2}|dictsort(false,'value',true)", "{'b':1}|dictsort(by='x')", "[1]|dictsort")
    add("numbers|unique|list", "['a','A','b']|unique|list", "['a','A','b']|unique(case_sensitive=true)|list", "messages|unique(attribute='role')|map(attribute='role')|list", "[1,1.0,true]|unique|list", "numbers|min", "numbers|max", "['b','A']|min", "['b','A']|max(case_sensitive=true)", "messages|max(attribute='role')", "[]|min", "[1,'a']|max", "messages|groupby('role')|map('first')|list", "messages|groupby('role')|map(attribute='grouper')|list", "[1,2,3,4,5]|batch(2)|list", "[1,2,3]|batch(2, 'x')|list", "[1,2,3]|slice(2)|list")
    add("numbers|map('string')|list", "numbers|map('abs')|join(',')", "['a','b']|map('upper')|list", "messages|map(attribute='n')|list", "messages|map(attribute='n', default=0)|list", "messages|map(attribute='content.1.text')|list", "numbers|map('round', 1)|list", "['a-b']|map('replace', '-', '+')|list", "numbers|map", "numbers|map('nosuch')|list", "['a']|map('upper')", "['a']|map('upper')|length", "[['a','b']]|map('join', '-')|list", "[' a ']|map('trim')|first", "[1,2]|map('add')|list", "['a','b']|map('default')|list")
    add("numbers|select('gt', 2)|list", "numbers|select('odd')|list", "numbers|reject('odd')|list", "mixed|select|list", "mixed|reject|list", "mixed|select('none')|list", "mixed|select('string')|list", "messages|selectattr('role','equalto','user')|list|length", "messages|selectattr('role','==','user')|map(attribute='role')|list", "messages|selectattr('n')|map(attribute='n')|list", "messages|rejectattr('n')|list|length", "messages|selectattr('n','defined')|list|length", "messages|rejectattr('role','in',['user'])|map(attribute='role')|list", "messages|selectattr('role','nosuch')|list", "numbers|select('divisibleby', 2)|list", "messages|selectattr('content','string')|map(attribute='content')|first")
    add("[1,none,'a']|join('-')", "messages|join(',', attribute='role')", "'abc'|join('-')", "[[1],[2]]|join", "[1,2]|join(1)", "map|join(',')", "missing|join(',')", "[1,2,3]|sum", "[1.5,2]|sum", "[]|sum", "[1]|sum(start=10)", "messages|sum(attribute='n')", "[[1],[2]]|sum(start=[])", "['a']|sum", "[1,2]|first", "[]|first", "[]|last", "'abc'|last", "[1,2]|reverse|list", "'abc'|reverse", "(1,2)|reverse|list", "map|reverse|list", "[1,2]|reverse", "numbers|reverse|first", "5|reverse")
    add("'a\\nb'|indent(2)", "'a\\nb'|indent", "'a\\nb\\n'|indent(2)", "'a\\n\\nb'|indent(2, true)", "'a\\n\\nb'|indent(2, blank=true)", "'a\\nb'|indent('> ')", "'a\\nb'|indent(width=1, first=true)", "''|indent(2, true)", "n|indent", "'aXbXc'|replace('X','-')", "'aXbXc'|replace('X','-',1)", "n|replace(7, 8)", "'abc'|replace('','-')", "'xax'|trim('x')", "' a '|trim", "'abc'|center(9)", "'abc'|center(8)", "n|center(5)", "'foo bar baz'|truncate(9)", "'foo bar baz'|truncate(5, leeway=0)", "'foo bar baz'|truncate(5, true, leeway=0)", "'foo bar baz'|truncate(6, false, '…', 0)", "'foo'|truncate(1)", "'foobarbazqux'|truncate(5, leeway=0)", "'%s-%s'|format('a', 1)", "'%(a)s'|format(a=1)", "'%s'|format", "'%.1f'|format(2.25)")
    add("2.5|round", "3.5|round", "-2.5|round", "2.675|round(2)", "42.55|round(1)", "42.55|round(1, 'floor')", "42.51|round(1, 'ceil')", "42.5|round(0, 'floor')", "7|round", "7|round(2)", "7|round(1,'ceil')", "2.5|round(method='common')", "'a'|round", "25|round(-1)", "1e16|round(2)", "'12abc'|int", "'12abc'|int(5)", "'0x1F'|int(0, 16)", "'1_000'|int", "none|int(3)", "12.9|int", "-12.9|int", "'-3'|int", "'+4'|int", "'1.5e2'|int", "''|int", "[]|int", "'3.5'|float", "'x'|float(1.5)", "'1_0.5'|float", "'.5'|float", "'5.'|float", "'inf'|float", "'nan'|int", "true|int", "true|float", "12345678901234567890|string", "1e400|string", "-5|abs", "-5.5|abs", "true|abs", "'a'|abs")
    add("missing|default('d')", "none|default('d')", "none|default('d', true)", "''|default('d', boolean=true)", "missing|default", "missing|d(1)", "missing.x|default('d')", "map.q|default('d')", "missing|default(default_value='z')", "0|d(1, true)", "missing|upper", "none|upper", "none|trim", "none|length", "n|length", "n|list", "n|first", "none|list", "missing|list", "missing|first", "x|nosuch", "x|upper|lower|title", "x|upper()", "x|upper(1)", "(x ~ 'y')|lower", "x ~ 'Y'|lower", "1 + '2'|int", "-1|abs", "x|string|length", "x|safe", "x|safe ~ '<'", "x|safe|length", "'<'|e", "'<'|escape", "x|wordcount", "x|urlencode", "x|pprint", "x|attr('y')", "x|xmlattr", "x|random", "x|filesizeformat")
    add("{'b':1,'a':2}|tojson(sort_keys=True)", "{'a':1}|tojson(separators=(',',':'))", "{'a':[1,{'b':none}]}|tojson(indent=2)", "{'a':1,'b':[]}|tojson(indent=4)", "{}|tojson(indent=2)", "[]|tojson", "[1,2]|tojson(indent=0)", "'é🦊'|tojson", "'é🦊\\x7f'|tojson(ensure_ascii=true)", "'<&>\\'\"'|tojson", "'a\\n\\t\\x01\\x7f\\u2028'|tojson", "none|tojson", "true|tojson", "1e20|tojson", "0.1|tojson", "1.0|tojson", "mixed|tojson", "map|tojson", "messages|tojson", "{1:2}|tojson", "{none:1}|tojson", "(1,2)|tojson", "missing|tojson", "range(2)|tojson", "{'a':1}|tojson(true)", "{'a':{'b':1}}|tojson(indent=1, separators=(',',': '), sort_keys=true)", "map.items()|tojson", "'x'|tojson(indent='\\t')", "[1]|tojson(indent='--')", "x|tojson(nosuch=1)", "1e308*10|tojson")


BLOCKS = [
    "{% for m in messages %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.depth0 }};{% endfor %}",
    "{% for m in messages %}{{ loop.previtem.role }}<{{ m.role }}>{{ loop.nextitem.role }}{% endfor %}",
    "{% for m in messages %}{{ loop.previtem is defined }}{{ loop.nextitem is defined }}{% endfor %}",
    "{% for n in numbers %}{{ loop.previtem }}|{{ n }}|{{ loop.nextitem }};{% endfor %}",
    "{% for n in numbers %}{{ loop.cycle('a', 'b') }}{% endfor %}",
    "{% for n in [1,1,2,2,1] %}{% if loop.changed(n) %}{{ n }}{% endif %}{% endfor %}",
    "{% for n in [1,2] %}{{ loop.nosuch }}{{ loop['index'] }}{% endfor %}",
    "{% for a in [1,2] %}{% for b in [1,2] %}{{ loop.depth }}{{ loop.index }}{% endfor %}{{ loop.index }}{% endfor %}",
    "{% for a in [1,2] %}{% set outer = loop %}{% for b in [1,2] %}{{ outer.index }}{{ loop.index }} {% endfor %}{% endfor %}",
    "{% for n in numbers if n > 1 %}{{ n }}{{ loop.index }}{{ loop.last }}{% endfor %}",
    "{% for n in numbers if loop.index > 1 %}{{ n }}{% endfor %}",
    "{% for n in numbers if n > 100 %}{{ n }}{% else %}none{% endfor %}",
    "{% for n in [] %}a{% else %}b{% endfor %}",
    "{% for n in missing %}a{% else %}b{% endfor %}",
    "{% for n in nothing %}a{% endfor %}",
    "{% for n in 5 %}a{% endfor %}",
    "{% for c in 'é🦊' %}{{ c }},{% endfor %}",
    "{% for k in map %}{{ k }},{% endfor %}",
    "{% for k, v in map.items() %}{{ k }}={{ v }},{% endfor %}",
    "{% for k, v in map|items %}{{ k }},{% endfor %}",
    "{% for k, v in {'b':1,'a':2}|dictsort %}{{ k }}{{ v }}{% endfor %}",
    "{% for k, (a, b) in [[1, [2, 3]]] %}{{ k }}{{ a }}{{ b }}{% endfor %}",
    "{% for (a, b) in [[1, 2]] %}{{ a }}{{ b }}{% endfor %}",
    "{% for a, b in [[1, 2, 3]] %}{{ a }}{% endfor %}",
    "{% for a, b in ['xy'] %}{{ b }}{{ a }}{% endfor %}",
    "{% for a, in [[1]] %}{{ a }}{% endfor %}",
    "{% for m in messages|reverse %}{{ m.role }},{% endfor %}",
    "{% for m in messages[1:] %}{{ m.role }},{% endfor %}",
    "{% for m in messages if m.role == 'user' or m.n is defined %}{{ m.role }},{% endfor %}",
    "{% for m in messages if m.n is defined and m.n > 1 %}{{ m.role }}{% endfor %}",
    "{% for a in [1,2,3] %}{% if a == 2 %}{% break %}{% endif %}{{ a }}{% endfor %}.",
    "{% for a in [1,2,3] %}{% if a == 2 %}{% continue %}{% endif %}{{ a }}{% endfor %}.",
    "{% for a in [1,2] %}{% for b in [1,2] %}{% if b == 2 %}{% break %}{% endif %}{{ a }}{{ b }}{% endfor %}-{% endfor %}",
    "{% for a in [1,2,3] %}{% if loop.first %}{% continue %}{% elif loop.last %}{% break %}{% else %}{{ a }}{% endif %}{% else %}e{% endfor %}",
    "{% break %}",
    "{% for a in [[1,[2]],[3,[]]] recursive %}{{ a[0] }}{% endfor %}",
    "{% set g = numbers|select('gt', 1) %}{% for a in g %}{{ a }}{% endfor %}-{% for a in g %}{{ a }}{% endfor %}",
    "{% set g = numbers|map('abs') %}{{ g|first }}{{ g|list }}{{ g|list }}",
    "{% set x = 1 %}{% for a in [1] %}{% set x = 2 %}{{ x }}{% endfor %}{{ x }}",
    "{% for a in [1,2] %}{{ y }}{% set y = a %}{% endfor %}{{ y }}",
    "{% set y = 0 %}{% for a in [1,2] %}{{ y }}{% set y = a %}{{ y }}{% endfor %}{{ y }}",
    "{% for x in [1,2] %}{{ x }}{% endfor %}{{ x }}",
    "{% if true %}{% set q = 1 %}{% endif %}{{ q }}",
    "{% for a in [1,2] %}{% if a == 1 %}{% set x = 'in' %}{% endif %}{{ x }}{% endfor %}",
    "{% set x = x + '!' %}{{ x }}",
    "{% set a, b = 1, 2 %}{{ a }}{{ b }}",
    "{% set a, b = b, 2 %}{{ a }}{{ b }}",
    "{% set (a, b) = [3, 4] %}{{ a }}{{ b }}",
    "{% set a = 1, 2 %}{{ a }}",
    "{% set ns = namespace(i=0) %}{% for m in messages %}{% set ns.i = ns.i + 1 %}{% endfor %}{{ ns.i }}",
    "{% set ns=namespace(i=0) %}{% for m in messages %}{% set ns.i=ns.i+1 %}{% endfor %}{{ ns.i }}",
    "{% set ns = namespace() %}{% set ns.a = [] %}{% set ns.a = ns.a + [1] %}{{ ns.a }}{{ ns.b }}",
    "{% set map.b = 2 %}{{ map.b }}",
    "{% set ns = namespace(a=1) %}{{ ns }}",
    "{% set ns = namespace(a='q') %}{{ ns.a }}{{ ns['a'] }}{{ ns.a is defined }}{{ ns.zz is defined }}",
    "{% set t %}a{{ x }}b{% endset %}{{ t }}{{ t|length }}",
    "{% set t | upper %}a{{ x }}b{% endset %}{{ t }}",
    "{% set t | upper | replace('A', 'z') %}a{% set inner = 5 %}{% endset %}{{ t }}{{ inner }}",
    "{% set ns = namespace() %}{% set ns.t %}a{{ x }}{% endset %}{{ ns.t }}",
    "{% with %}{% set w = 1 %}{{ w }}{% endwith %}{{ w }}",
    "{% with a=1 %}{{ a }}{% endwith %}{{ a }}",
    "{% with a=1, b=x %}{{ a }}{{ b }}{% endwith %}",
    "{% with x=1, b=x %}{{ x }}{{ b }}{% endwith %}{{ x }}",
    "{% filter upper %}a{{ x }}b{{ 'c' }}{% endfilter %}",
    "{% filter replace('a', 'b') | upper %}aab{% endfilter %}",
    "{% filter trim %}  a  {% endfilter %}|",
    "{% macro m(a, b=none) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}",
    "{% macro m(a, b='d', c=a) %}{{ a }}{{ b }}{{ c }};{% endmacro %}{{ m(1) }}{{ m(1, 2) }}{{ m(1, c=3) }}{{ m(b=1, a=2) }}{{ m() }}",
    "{% macro m(a) %}{{ a is defined }}{% endmacro %}{{ m() }}{{ m(none) }}",
    "{% macro m() %}{{ x }}{{ later }}{% endmacro %}{% set later = 'L' %}{{ m() }}",
    "{% macro m() %}{% set x = 'inner' %}{{ x }}{% endmacro %}{{ m() }}{{ x }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, z=2) }}",
    "{% macro m(a) %}{{ a }}{{ varargs }}{% endmacro %}{{ m(1, 2, 3) }}",
    "{% macro m(a) %}{{ a }}{{ kwargs }}{% endmacro %}{{ m(1, z=2) }}",
    "{% macro m() %}[{{ caller() }}]{% endmacro %}{% call m() %}body{{ x }}{% endcall %}",
    "{% macro m() %}{{ caller('a', 2) }}{% endmacro %}{% call(p, q) m() %}{{ p }}{{ q }}{% endcall %}",
    "{% macro m() %}{{ caller is defined }}{% endmacro %}{{ m() }}",
    "{% macro m() %}x{% endmacro %}{% call m() %}body{% endcall %}",
    "{% macro m(l) %}{% for a in l %}{{ a }}{{ loop.index }}{% endfor %}{% endmacro %}{{ m([5,6]) }}{{ m('ab')|upper }}",
    "{% macro f(n) %}{% if n > 0 %}{{ n }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}",
    "{% macro m() %}  a  {% endmacro %}[{{ m()|trim }}]{{ m.name }}{{ m is callable }}",
    "{% for a in [1,2] %}{% macro m() %}{{ a }}{% endmacro %}{{ m() }}{% endfor %}{{ m is defined }}",
    "{% if n > 5 and x == 'X' %}a{% elif n %}b{% else %}c{% endif %}",
    "{% if missing %}a{% elif '' %}b{% elif [] %}c{% elif 0.0 %}d{% elif 'false' %}e{% else %}f{% endif %}",
    "{% if not missing is defined %}a{% endif %}{% if x is defined and x is not none %}b{% endif %}",
    "{% if 1, %}a{% endif %}",
    "{% if x if n else 1 %}a{% endif %}",
    "{% generation %}{{ x }}{% set q = 1 %}{% endgeneration %}{{ q }}",
    "{% do x %}",
    "{% print x %}",
    "{% autoescape true %}<{% endautoescape %}",
    "{% block b %}x{% endblock %}",
    "{% include 'x' %}",
    "{% import 'x' as y %}",
    "{% nosuch %}",
    "{% if x %}",
    "{% endif %}",
    "{% for x in y %}",
    "{{ x",
    "{{ x }",
    "{% x %}",
    "{{ }}",
    "{{ x y }}",
    "{{ x.1 }}",
    "{{ 'a }}",
    "{{ (1, }}",
    "{{ [1,,2] }}",
    "{{ 1 +* 2 }}",
    "{{ x|upper if x else 'n' }}{{ 'a' if x is string else 'b' }}",
    "{{ {'a': 1}.a }}{{ '}}' }}{{ {'b': {'c': 1}}['b'] }}",
    "{{ messages[0]['role'] + ': ' + messages[0]['content'] | trim }}",
    "{{ messages[-1]['content'][0]['type'] ~ '|' ~ messages[-1].content[1].text }}",
    "{{ x -}}   {{- x }}",
    "a {{ x }} b\n{{ x }}\nc\n",
    "a\n{{ x }}\n\n",
    "  {% if true %}\n    a\n  {% endif %}\nb",
    "  {%+ if true %}a{% endif %}",
    "{% if true +%}\na{% endif %}",
    "{% if true -%}\n\n  a  \n{%- endif -%}\n b",
    "a\n  {{- x -}}  \n b",
    "a  {#- c -#}  b",
    "a\n  {# c #}\nb",
    "  {# c #}  b",
    "{# a #}\n{# b #}\nc",
    "{#- {{ x }} {% if %} -#}d",
    "a{# unclosed",
    "\t{% if true %}\tb{% endif %}\t\nc",
    "a {% if true %}\nb\n {% endif %} c\n",
    "a\r\nb\rc{{ '\\r\\n' }}d\r\n",
    "{% raw %}{{ x }}{% if %}{% endraw %}",
    "  {% raw %}\n {{ x }}\n  {% endraw %}\nz",
    "{%- raw -%}  {{ x }}  {%- endraw -%}  z",
    "{% raw %}{{ x }}",
    "a\u3000 {% if true %}b{% endif %}",
    "a\n\u3000{% if true %}b{% endif %}",
    "{%if true%}a{%endif%}{{x}}{{-x-}}{{+n}}",
    "{{ '{{ x }}' }}{{ '{% if %}' }}{{ \"{# no #}\" }}",
    "{{ 'multi\nline' }}",
    "{{\n  x\n  ~\n  n\n}}",
    "{%\n set\n q = 1 %}{{ q }}",
    "{% set ünï = 1 %}{{ ünï }}",
    "{{ ' ' }}{{ '\\n' }}{{ '' }}|",
    "{% set a = namespace(l=[]) %}{% for m in messages %}{% set a.l = a.l + [m.role|lower] %}{% endfor %}{{ a.l|join(',') }}",
    "{% set first = messages[0] %}{% if first.role == 'user' %}{% set rest = messages[1:] %}{% else %}{% set rest = messages %}{% endif %}{{ rest|length }}",
    "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}!{% endif %}{{ message['role']|upper }}{% endfor %}",
    "{% for part in messages[2].content %}{% if part.type == 'image' %}<image>{% else %}{{ part.text }}{% endif %}{% endfor %}",
    "{% for part in messages[2].content | selectattr('type', 'equalto', 'text') %}{{ part.text }}{% endfor %}",
    "{% set j = joiner(', ') %}{% for a in [1,2,3] %}{{ j() }}{{ a }}{% endfor %}",
    "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.reset() }}{{ c.current }}",
    "{{ strftime_now('%Y') == strftime_now('%Y') }}",
    "{{ strftime_now() }}",
    "{{ messages|map(attribute='role')|unique|sort|join('/') }}",
    "{% for g in messages|groupby('role') %}{{ g.grouper }}:{{ g.list|length }};{% endfor %}",
    "{% for role, items in messages|groupby('role') %}{{ role }}:{{ items|length }};{% endfor %}",
    "{% for b in numbers|batch(2) %}{{ b }}{% endfor %}",
    "{% for i in range(2, 6, 2) %}{{ i }}{% endfor %}{{ range(10)|length }}",
    "{{ x.upper() if x.upper is defined else x }}",
    "{{ x['upper']() }}",
    "{{ 'a'.join(numbers|map('string')) }}",
    "{{ dict(messages[0]).role }}",
    "{{ dict(messages[0], extra=1)|length }}",
    "{{ dict([['a', 1]]).a }}",
    "{{ [x, n]|join(' ') if x else '' }}",
    "{{ map.a.c | length + 1 }}",
    "{{ (n > 5) | string | lower }}",
    "{{ not n > 5 }}{{ not (n > 5) and true }}",
    "{{ x in 'XYZ' and not x in 'abc' }}",
    "{{ x ~ '-' ~ n + 1 }}",
    "{{ n * 2 ~ 'a' }}",
    "{{ -n ** 2 }}{{ (-n) ** 2 }}",
    "{{ 10 - 2 - 3 }}{{ 100 / 10 / 2 }}{{ 2 * 3 % 4 }}",
    "{{ 1 if 0 else 2 if 0 else 3 }}",
    "{{ x.y.z }}",
    "{{ map.a.c[0].nosuch }}|{{ map.nosuch }}",
    "{{ self }}",
    "{{ loop }}",
    "{{ caller }}",
    "{{ varargs }}",
    "{{ _ }}{{ x._private }}",
    "{{ messages.append(1) }}",
    "{{ messages[0].update({'a': 1}) }}",
    "{{ range(100001)|length }}",
    "{{ f(*[1]) }}",
    "{{ dict(**map) }}",
    "{{ [1, 2, 3] | first ~ ([1, 2, 3] | last) }}",
    "{{ 'x' is string and 'y' is not number or false }}",
    "{{ 'ab'|list|tojson }}{{ 'a\"b'|tojson }}",
    "{{ 5|default(1)|string ~ 'px' }}",
    "{{ messages[0].content.split(' ')[0].upper()[::-1] }}",
    "{{ (messages|first).role ~ (messages|last).n }}",
    "{{ ('a', 'b')|join }}{{ ('a')|upper }}{{ ()|length }}",
    "{%- for m in messages %}\n    {%- if m.role == 'user' %}\n        {{- 'U: ' ~ m.content }}\n    {%- else %}\n        {{- m.role }}\n    {%- endif %}\n{%- endfor %}\n",
    "{% for m in messages %}\n{{ m.role }}\n{% endfor %}\nend",
    "{% set s = '' %}{% for m in messages %}{% set s = s ~ m.role %}{% endfor %}[{{ s }}]",
]


def render(template):
    try:
        return {"template": template, "expected": _compile_jinja_template(template).render(**json.loads(json.dumps(VARIABLES)))}
    except Exception as error:
        return {"template": template, "expected": None, "error": f"{type(error).__name__}: {error}"[:120]}


def case(template):
    """A case, without what changes from run to run."""
    rendered = render(template)
    if " at 0x" in (rendered["expected"] or ""):
        return {"template": template, "expected": None, "error": "an address is written"}
    return rendered


def main(file):
    for group in (arithmetic, comparisons, tests, strings, values, filters):
        group()
    templates = list(dict.fromkeys(EXPRESSIONS + BLOCKS))
    cases = [case(template) for template in templates]
    versions = {"jinja2": jinja2.__version__, "python": sys.version.split()[0], "transformers": transformers.__version__}
    rows = ",\n  ".join(json.dumps(row, ensure_ascii=True) for row in cases)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f'{{\n "versions": {json.dumps(versions)},\n "variables": {json.dumps(VARIABLES)},\n "cases": [\n  {rows}\n ]\n}}\n')
    print(len(cases), "cases,", sum(row["expected"] is None for row in cases), "raise", file.stat().st_size, "bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FILE)
