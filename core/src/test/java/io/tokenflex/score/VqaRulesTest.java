package io.tokenflex.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class VqaRulesTest {
  private static final long SEED = 11;

  private static String list(List<String> answers) {
    return "['" + String.join("', '", answers) + "']";
  }

  /** 0, 0.3, 0.6, 0.9 and 1 of ten annotators for 0, 1, 2, 3 and more that agree. */
  @Test
  void tenAnnotatorsGiveTheKnownSteps() {
    double[] steps = {0, 0.3, 0.6, 0.9, 1, 1, 1, 1, 1, 1, 1};
    for (int agree = 0; agree <= 10; agree++) {
      List<String> answers = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        answers.add(i < agree ? "red" : "blue" + i);
      }
      double value =
          new VqaAccuracyScorer(VqaNormalisation.VLMEVALKIT)
              .score(Reference.of(list(answers)), "Red.")
              .value();
      assertThat(value).as("%d agree", agree).isCloseTo(steps[agree], within(1e-12));
    }
  }

  @Test
  void normalisingTwiceChangesNothingForWordsAndNumbers() {
    String[] words = {"a", "The", "dont", "two", "1,000", "7up", "red,", "(blue)", "it's", "."};
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 0; i < 2_000; i++) {
      List<String> picked = new ArrayList<>();
      for (int n = 1 + random.nextInt(5); n > 0; n--) {
        picked.add(words[random.nextInt(words.length)]);
      }
      String text = String.join(" ", picked);
      String once = VqaNormalisation.VLMEVALKIT.apply(text);
      assertThat(VqaNormalisation.VLMEVALKIT.apply(once))
          .as("seed %d: %s", SEED, text)
          .isEqualTo(once);
      assertThat(once).doesNotContain("  ").isEqualTo(once.strip());
    }
  }

  @Test
  void aMarkGoesIfABlankTouchesItAnywhere() {
    assertThat(VqaNormalisation.VLMEVALKIT.apply("a-b")).isEqualTo("b");
    assertThat(VqaNormalisation.VLMEVALKIT.apply("x-y")).isEqualTo("x y");
    assertThat(VqaNormalisation.VLMEVALKIT.apply("x-y -z")).isEqualTo("xy z");
    assertThat(VqaNormalisation.VLMEVALKIT.apply("x-y 1,0")).isEqualTo("xy 10");
    assertThat(VqaNormalisation.LMMS_EVAL_VQAV2.apply("x-y 1,,0")).isEqualTo("xy 10");
  }

  @Test
  void anlsIsSymmetricInSimilarityAndCutAtOneHalf() {
    AnlsScorer anls = new AnlsScorer();
    assertThat(anls.score(Reference.of("abcd"), "abxy").value()).isEqualTo(0.5);
    assertThat(anls.score(Reference.of("abcd"), "axyz").value()).isZero();
    assertThat(anls.score(Reference.of("['', 'x']"), "").value()).isEqualTo(1);
    assertThat(anls.score(Reference.of("straße"), "STRASSE").value())
        .isCloseTo(1 - 2 / 7.0, within(1e-12));
  }

  @Test
  void mathVistaByTypeDecidesZeroAndLists() {
    MathVistaScorer scorer =
        new MathVistaScorer(MathVistaScorer.Variant.BY_TYPE, ChoiceRule.APRIL_2025);
    assertThat(score(scorer, "integer", "0", "0").outcome()).isEqualTo(Outcome.RIGHT);
    assertThat(score(scorer, "integer", "14", "13").outcome()).isEqualTo(Outcome.WRONG);
    assertThat(score(scorer, "integer", "14", "14 cm").outcome()).isEqualTo(Outcome.UNSCORED);
    assertThat(score(scorer, "list", "[1, 2.0]", " [1.0, 2]").outcome()).isEqualTo(Outcome.RIGHT);
    assertThat(score(scorer, "list", "[1, 2]", "[2, 1]").outcome()).isEqualTo(Outcome.WRONG);
    assertThat(score(scorer, "list", "[1, 2]", "1 and 2").outcome()).isEqualTo(Outcome.UNSCORED);
  }

  private static Score score(
      MathVistaScorer scorer, String type, String answer, String prediction) {
    Reference reference =
        new Reference(
            answer, new TreeMap<>(), Map.of("question_type", "free_form", "answer_type", type));
    return scorer.score(reference, prediction);
  }

  @Test
  void mmmuOpenAnswersAreFoundByTheAuthorsAndNotByVlmEvalKit() {
    Reference reference = Reference.of("['8.4', '8.40']");
    assertThat(new MmmuAuthorsScorer().score(reference, "So it is 8.4 cm.").value()).isEqualTo(1);
    assertThat(new MmmuChoiceScorer(ChoiceRule.APRIL_2025).score(reference, "8.4").value())
        .isZero();
    assertThat(
            new MmmuChoiceScorer(ChoiceRule.APRIL_2025)
                .score(Reference.of("24"), "A sum of 30")
                .value())
        .as("the letter of the article")
        .isEqualTo(1);
  }
}
