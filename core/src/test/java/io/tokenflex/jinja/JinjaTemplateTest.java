package io.tokenflex.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JinjaTemplateTest {
  private static final Map<String, Object> VARIABLES =
      Map.of(
          "list",
          List.of("a", "b", "c", "d"),
          "map",
          Map.of("k", "v"),
          "no",
          "false",
          "text",
          "\u3000aß😀 ",
          "three",
          3L);

  private static String render(String template) {
    return new JinjaTemplate("test", template).render(VARIABLES);
  }

  /** The right side is what Jinja2 3.1 makes of the left one with the same variables. */
  @ParameterizedTest
  @CsvSource(
      delimiterString = "=>",
      quoteCharacter = '`',
      value = {
        "{{ list[1:]|join(',') }} => b,c,d",
        "{{ list[::-1]|join(',') }} => d,c,b,a",
        "{{ list[-1] }}{{ list[:-2]|join }}{{ list[1:3]|join }}{{ list[::2]|join }} => dabbcac",
        "{{ list[3:0:-2]|join }}|{{ list[9:]|join }} => db|",
        "{{ text.strip()[1:] }}|{{ text|trim|length }} => ß😀|3",
        "{{ 'xxaxx'.lstrip('x') }},{{ 'xxaxx'.rstrip('x') }},{{ 'xay'.strip('xy') }} => axx,xxa,a",
        "{{ 'a-b-c'.split('-')[-1] }}{{ 'a b  c'.split()|length }}{{ 'a-b-c'.split('-', 1)[1] }} => c3b-c",
        "{{ 'abc'.startswith('ab') and 'abc'.endswith('bc') and not 'abc'.startswith('b') and 1 }} => 1",
        "{{ 'hello world'|title }} {{ 'HELLO'|capitalize }} {{ 'a'|upper }} => Hello World Hello A",
        "{% if no %}yes{% else %}no{% endif %} => yes",
        "{{ 'yes' if no else 'no' }} => yes",
        "{% if not missing is defined %}undefined{% endif %} => undefined",
        "{% if not list is string and not three == 4 %}ok{% endif %} => ok",
        "{% if missing is not defined and none is none %}ok{% endif %} => ok",
        "{% if '3' == three %}same{% else %}differs{% endif %} => differs",
        "{% if no != false %}differs{% endif %} => differs",
        "{{ three + 1 }}{{ three - 1 }}{{ three % 2 }}{{ -three }} => 421-3",
        "{{ 'a' ~ three ~ 'b' }} => a3b",
        "{% set ns = namespace(n=list|length - 1) %}{% for x in list %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }} => 7",
        "{% for x in list %}{% if loop.first %}{% set y = 1 %}{% endif %}{{ y }}{% endfor %} => 1",
        "{% for x in list if x != 'b' %}{{ loop.index0 }}{{ x }}{% if loop.last %}.{% endif %}{% endfor %} => 0a1c2d.",
        "{% for k, v in map.items() %}{{ k }}{{ v }}{% endfor %}{% for k, v in map|items %}{{ k }}{% endfor %} => kvk",
        "{% for x in list %}{{ loop.previtem }}{{ loop.revindex }}{% endfor %} => 4a3b2c1",
        "{{ 'k' in map }}{{ 'z' in list }} => TrueFalse",
        "{% generation %}{{ list[0] }}{% endgeneration %} => a",
        "{% macro f(x, y='z') %}{{ x }}{{ y }}{% endmacro %}{{ f('a') }}{{ f('a', y='b') }} => azab",
        "{{ list|map('upper')|join }}{{ [map, map]|map(attribute='k')|join }} => ABCDvv",
        "{{ [{'role': 'a'}, {'role': 'b'}]|selectattr('role', 'equalto', 'b')|list|length }} => 1",
        "{{ {'a': [1, none, 'é<']}|tojson }} => {\"a\": [1, null, \"é<\"]}",
        "{{ missing }}|{{ map.missing }}|{{ missing|default('d') }} => ||d",
        "{{ '{{ three }}' }}{# gone #} => {{ three }}",
        "{{ '\\n'|length }}{{ 'it\\'s' }} => 1it's",
      })
  void rendersAsJinja2(String template, String expected) {
    assertThat(render(template)).isEqualTo(expected == null ? "" : expected);
  }

  @Test
  void blocksLeaveNoLinesAndNoIndent() {
    assertThat(render("a\n  {% if true %}\n  b\n  {%- endif %}\n{{ three }}\n\n"))
        .isEqualTo("a\n  b3\n");
  }

  @Test
  void controlCharactersPassUnchanged() {
    String text = "\u0001\u001b\u007f\u0000 \\n \"'\r\n";
    assertThat(new JinjaTemplate("test", "{{ x }}{{ x + '' }}").render(Map.of("x", text)))
        .isEqualTo(text + text);
  }

  @Test
  void strftimeNowIsUtc() {
    Clock clock = Clock.fixed(Instant.parse("2026-02-03T23:04:05Z"), ZoneOffset.ofHours(5));
    assertThat(
            new JinjaTemplate("t", "{{ strftime_now('%d %b %Y %H:%M %%') }}", clock)
                .render(Map.of()))
        .isEqualTo("03 Feb 2026 23:04 %");
  }

  @Test
  void aRaisedExceptionNamesTheTemplate() {
    assertThatThrownBy(() -> render("{{ raise_exception('roles must alternate') }}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Template test, line 1: roles must alternate");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ 'a' + missing }}",
        "{{ missing.attribute }}",
        "{{ 'a' + three }}",
        "{{ list|nosuchfilter }}",
        "{{ list is nosuchtest }}",
        "{{ nosuchfunction() }}",
        "{% nosuchtag %}",
        "{% if three %}",
        "{{ three +",
        "{% for x in three %}{% endfor %}",
        "{% for a, b in list %}{% endfor %}",
        "{{ text.nosuchmethod() }}",
        "{{ 'a'.split('') }}",
        "{{ map.k.x.y }}",
      })
  void whatJinja2RefusesIsAnErrorAndNotSilence(String template) {
    assertThatThrownBy(() -> render(template))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Template test");
  }

  /** Ways to Java's classes, to files and to code that were used against template engines. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ text.getClass() }}",
        "{{ ''.getClass().forName('java.lang.Runtime') }}",
        "{{ list.hashCode() }}",
        "{{ list.add('x') }}",
        "{{ map.put('a', 'b') }}",
        "{{ ____int3rpr3t3r____.getContext() }}",
        "{{ ____int3rpr3t3r____.render('x') }}",
        "{% include '/etc/hostname' %}",
        "{% import '/etc/hostname' as x %}",
        "{% from 'log4j2.xml' import x %}",
        "{% extends 'log4j2.xml' %}",
        "{{ '{{ 7 * 7 }}'|render }}",
        "{{ 'a'|center(1000000000) }}",
        "{{ 'a'|regex_replace('a', 'b') }}",
        "{{ type(list) }}",
      })
  void nothingOfJavaIsInReach(String template) {
    assertThatThrownBy(() -> render(template))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Template test");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{{ text.class }}", "{{ list.class }}", "{{ ____int3rpr3t3r____ }}"})
  void propertiesOfJavaObjectsAreUndefined(String template) {
    assertThat(render(template)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% for a in range(9000) %}{% for b in range(9000) %}{% for c in range(9000) %}{% set x = 1 %}"
            + "{% endfor %}{% endfor %}{% endfor %}",
        "{% set ns = namespace(s='abcdefgh') %}{% for a in range(100) %}{% set ns.s = ns.s + ns.s %}"
            + "{% endfor %}",
        "{% set ns = namespace(s='abcdefgh') %}{% for a in range(100) %}{% set ns.s = ns.s ~ ns.s %}"
            + "{% endfor %}",
        "{% set ns = namespace(s='aaaaaaaa') %}{% for a in range(100) %}"
            + "{% set ns.s = ns.s.replace('a', ns.s) %}{% endfor %}",
        "{% for a in range(1000000000) %}{% endfor %}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
      })
  void whatDoesNotEndIsStopped(String template) {
    long start = System.nanoTime();
    assertThatThrownBy(() -> render(template))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Template test");
    assertThat((System.nanoTime() - start) / 1_000_000_000).isLessThan(30);
  }
}
