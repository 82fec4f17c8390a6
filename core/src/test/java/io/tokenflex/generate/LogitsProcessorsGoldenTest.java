package io.tokenflex.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Repetition limits, temperature and top p against transformers' logits processors. */
class LogitsProcessorsGoldenTest {
  private static final double ROUNDING = 1e-6;

  @Test
  void limitsAndProbabilitiesEqualTheReference() throws IOException {
    JsonNode cases;
    try (InputStream in = getClass().getResourceAsStream("/golden/generation/processors.json")) {
      cases = new ObjectMapper().readTree(in).get("cases");
    }
    assertThat(cases).hasSize(36);
    for (int i = 0; i < cases.size(); i++) {
      check("case " + i, cases.get(i));
    }
  }

  private static void check(String name, JsonNode golden) {
    GenerationConfig config =
        new GenerationConfig(
            1,
            golden.get("temperature").asDouble(),
            golden.get("top_p").asDouble(),
            0,
            golden.get("repetition_penalty").asDouble(),
            golden.get("no_repeat_ngram_size").asInt(),
            List.of());
    float[] logits = new float[golden.get("logits").size()];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) golden.get("logits").get(i).asDouble();
    }
    long[] ids = new long[golden.get("ids").size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = golden.get("ids").get(i).asLong();
    }
    RepetitionLimits.apply(config, logits, ids);
    for (int i = 0; i < logits.length; i++) {
      JsonNode expected = golden.get("limited").get(i);
      float wanted = expected.isNull() ? Float.NEGATIVE_INFINITY : (float) expected.asDouble();
      if (expected.isNull()) {
        assertThat(logits[i]).as("%s, token %d", name, i).isEqualTo(wanted);
      } else {
        assertThat(logits[i]).as("%s, token %d", name, i).isCloseTo(wanted, within(1e-6f));
      }
    }
    if (config.temperature() == 0) {
      assertThat(Sampler.likeliest(logits)).as(name).isEqualTo(golden.get("likeliest").asInt());
      return;
    }
    double[] probabilities = Sampler.probabilities(logits, config.temperature(), config.topP());
    for (int i = 0; i < probabilities.length; i++) {
      double expected = golden.get("probabilities").get(i).asDouble();
      assertThat(probabilities[i])
          .as("%s, token %d", name, i)
          .isCloseTo(expected, within(ROUNDING));
      assertThat(probabilities[i] == 0).as("%s, token %d", name, i).isEqualTo(expected == 0);
    }
  }

  @Test
  void drawsFollowTheProbabilities() {
    double[] probabilities = {0.1, 0, 0.6, 0.3};
    int[] counts = new int[4];
    int draws = 10_000;
    for (int i = 0; i < draws; i++) {
      counts[Sampler.draw(probabilities, (i + 0.5) / draws)]++;
    }
    assertThat(counts).containsExactly(1_000, 0, 6_000, 3_000);
    assertThat(Sampler.draw(new double[] {0.5, 0.4999, 0}, 0.99999)).isEqualTo(1);
  }
}
