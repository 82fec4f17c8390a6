package io.tokenflex.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.failure.InvalidInputException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReferenceListTest {
  @Test
  void aListOfTextsIsReadAsItIs() {
    assertThat(ReferenceList.parse("[\"red\", \"\\ud83d\\ude00 \\\"x\\\"\", \"red\"]"))
        .containsExactly("red", "\ud83d\ude00 \"x\"", "red");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[]|is empty, so that no answer could be right: []",
        "[1]|has the type number at place 0: [1]",
        "[\"a\", null]|has the type null at place 1",
        "[[\"a\"]]|has the type array at place 0",
        "[\"a\", \" \"]|has a blank text at place 1",
        "null|is no JSON list: null",
        "red|is no JSON list: red",
        "\"red\"|is no JSON list",
        "{\"a\": 1}|is no JSON list",
        "[\"a\"] [\"b\"]|is no JSON list",
        "''|is no JSON list"
      })
  void everythingElseIsRefusedWithItsPlace(String json, String message) {
    assertThatThrownBy(() -> ReferenceList.parse(json))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(message)
        .hasMessageEndingWith("; expected the accepted answers such as [\"red\", \"crimson\"]");
  }

  @Test
  void everyRuleTakesAListedAnswer() {
    Reference reference = Reference.ofAny(List.of("Crimson", "Yes"));

    assertThat(new TextMatchScorer().score(reference, "yes.").outcome()).isEqualTo(Outcome.RIGHT);
    assertThat(new TextMatchScorer().score(reference, "crimson").outcome())
        .isEqualTo(Outcome.RIGHT);
    assertThat(new TextMatchScorer().score(reference, "red").outcome()).isEqualTo(Outcome.WRONG);
    assertThat(new ExactMatchScorer().score(reference, "yes").outcome()).isEqualTo(Outcome.RIGHT);
    assertThat(new AnlsScorer().score(reference, "crimsom").value()).isGreaterThan(0.8);
    assertThat(new YesNoScorer().score(reference, "yes").outcome()).isEqualTo(Outcome.RIGHT);
    assertThat(new YesNoScorer().score(reference, "no").outcome()).isEqualTo(Outcome.WRONG);
    // an element that looks like a list is a text like any other
    assertThat(Reference.ofAny(List.of("['a']")).answers()).containsExactly("['a']");
    assertThat(Reference.ofAny(List.of("['a']")).answersAsShown()).containsExactly("['a']");
  }
}
