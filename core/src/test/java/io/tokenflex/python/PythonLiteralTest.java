package io.tokenflex.python;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PythonLiteralTest {

  @Test
  void listsOfTextsAreRead() {
    assertThat(PythonLiteral.parseTexts("['a', \"b's\", 'c' 'd', r'\\d', u'\\u5317\\xe9\\t',]"))
        .contains(List.of("a", "b's", "cd", "\\d", "北é\t"));
    assertThat(PythonLiteral.parseTexts("  [ '''x\ny''' , \"\\N{BULLET}\\101\\x\\q\"]")).isEmpty();
    assertThat(PythonLiteral.parseTexts("['''x\ny''', \"\\N{BULLET}\\101\\q\"]"))
        .contains(List.of("x\ny", "•A\\q"));
    assertThat(PythonLiteral.parseTexts("[]")).contains(List.of());
  }

  @Test
  void numbersAndNestedValuesAreShownAsPythonShowsThem() {
    assertThat(PythonLiteral.parseTexts("[1, -2.50, 1e3, 0x10, None, True, [1, 'a'], (2,), 1_000]"))
        .contains(List.of("1", "-2.5", "1000.0", "16", "None", "True", "[1, 'a']", "(2,)", "1000"));
    assertThat(PythonLiteral.parseList("[12345678901234567890, None]").orElseThrow())
        .isEqualTo(Arrays.asList(new BigInteger("12345678901234567890"), null));
  }

  @Test
  void whatIsNoLiteralIsNoList() {
    for (String text :
        List.of(
            "",
            "a",
            "[a]",
            "[1",
            "1]",
            "['a' , , 'b']",
            "[,]",
            "['a'",
            "['a\nb']",
            "[1 2]",
            "__import__('os')",
            "[1+1]",
            "['a'.upper()]",
            "[007]",
            "['\\xzz']",
            "[1] [2]",
            "('a', 'b')",
            "'a'",
            "{'a': 1}",
            "[A-Z]")) {
      assertThat(PythonLiteral.parseList(text)).as(text).isEmpty();
    }
    assertThat(PythonLiteral.parseSequence("('a', 'b')").orElseThrow())
        .isEqualTo(List.of("a", "b"));
    assertThat(PythonLiteral.parseSequence("('a')")).isEmpty();
    assertThat(PythonLiteral.parseString("('a')")).contains("a");
  }

  @Test
  void deepNestingIsRefusedInsteadOfOverflowing() {
    String deep = "[".repeat(100_000) + "]".repeat(100_000);
    assertThat(PythonLiteral.parseList(deep)).isEmpty();
  }
}
