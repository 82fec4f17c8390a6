package io.tokenflex.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ChoiceLettersTest {
  private static final long SEED = 7;
  private static final Map<String, String> ANIMALS =
      new TreeMap<>(Map.of("A", "cat", "B", "dog", "C", "bird", "D", "fish"));

  private static String read(ChoiceRule rule, String prediction) {
    return new ChoiceLetters(rule).read(prediction, ANIMALS).orElse("");
  }

  /** The marks that become blanks may stand anywhere around a letter, in any number. */
  @Test
  void aLetterAmongMarksIsReadByEveryRule() {
    String marks = ".()[],:;!*#{} \n\t\u3000";
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 0; i < 2_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(6); n > 0; n--) {
        text.append(marks.charAt(random.nextInt(marks.length())));
      }
      String letter = "ABCD".substring(random.nextInt(4)).substring(0, 1);
      text.append(letter);
      for (int n = random.nextInt(6); n > 0; n--) {
        text.append(marks.charAt(random.nextInt(marks.length())));
      }
      for (ChoiceRule rule : ChoiceRule.values()) {
        assertThat(read(rule, text.toString()))
            .as("seed %d, rule %s: %s", SEED, rule, text)
            .isEqualTo(letter);
      }
    }
  }

  /** Where the rules agree that a letter was named, April's never finds fewer. */
  @Test
  void theLastFourWordsAreCountedFromTheFirstOccurrence() {
    assertThat(read(ChoiceRule.APRIL_2025, "B one two three four")).isEqualTo("B");
    assertThat(read(ChoiceRule.AUGUST_2025, "B one two three four")).isEmpty();
    assertThat(read(ChoiceRule.AUGUST_2025, "B one two three")).isEqualTo("B");
    assertThat(read(ChoiceRule.AUGUST_2025, "B one two three four B")).isEmpty();
  }

  @Test
  void theLetterBehindAnswerIsNeedsNoBoundary() {
    assertThat(read(ChoiceRule.JUNE_2026, "The answer is dog")).isEqualTo("D");
    assertThat(read(ChoiceRule.AUGUST_2025, "The answer is dog")).isEqualTo("B");
    assertThat(read(ChoiceRule.JUNE_2026, "the ANSWER\u00a0is **c**, because")).isEqualTo("C");
    assertThat(read(ChoiceRule.JUNE_2026, "answer is E, answer is B, or A")).isEqualTo("B");
  }

  @Test
  void marksThatStayHideTheLetter() {
    for (String text : List.of("\"B\"", "$B$", "选B", "B。", "B/", "（B）")) {
      for (ChoiceRule rule : ChoiceRule.values()) {
        assertThat(read(rule, text)).as(text).isEmpty();
      }
    }
  }

  @Test
  void textsAreLookedForInLowerCaseAndMustBeAlone() {
    assertThat(read(ChoiceRule.APRIL_2025, "DOGS!")).isEqualTo("B");
    assertThat(read(ChoiceRule.APRIL_2025, "dog and cat")).isEmpty();
    assertThat(
            new ChoiceLetters(ChoiceRule.APRIL_2025)
                .read("anything", new TreeMap<>(Map.of("A", "", "B", "x"))))
        .contains("A");
  }
}
