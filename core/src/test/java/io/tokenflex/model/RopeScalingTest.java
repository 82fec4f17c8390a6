package io.tokenflex.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tokenflex.Golden;
import io.tokenflex.convert.PretrainedLanguageConfig;
import org.junit.jupiter.api.Test;

class RopeScalingTest {
  /** A few units in the last place: powers in fp32 there, in fp64 here. */
  private static final double RELATIVE = 5e-7;

  @Test
  void frequenciesAtPublishedSizesAreThoseOfTransformers() {
    Golden golden = Golden.load("language/rope_scaling");
    assertThat(golden.config().get("cases")).hasSize(9);
    for (JsonNode one : golden.config().get("cases")) {
      String name = one.get("name").asText();
      LanguageConfig config = PretrainedLanguageConfig.read(one.get("config"), name);
      float[] actual =
          config
              .ropeScaling()
              .inverseFrequencies(
                  config.ropeTheta(), config.headDim(), one.get("sequence_length").intValue());
      float[] expected = golden.floats(name);
      assertThat(actual).as(name).hasSameSizeAs(expected);
      for (int i = 0; i < expected.length; i++) {
        assertThat(Math.abs(actual[i] / (double) expected[i] - 1))
            .as("%s, frequency %d: %s instead of %s", name, i, actual[i], expected[i])
            .isLessThan(RELATIVE);
      }
    }
  }

  @Test
  void dynamicFrequenciesAreFixedUpToTheOriginalLengthOnly() {
    RopeScaling dynamic = new RopeScaling.Dynamic(2, 16);
    float[] unscaled = new RopeScaling.None().inverseFrequencies(10_000, 8, 16);
    assertThat(dynamic.fixedUpTo()).isEqualTo(16);
    assertThat(dynamic.inverseFrequencies(10_000, 8, 1)).isEqualTo(unscaled);
    assertThat(dynamic.inverseFrequencies(10_000, 8, 16)).isEqualTo(unscaled);
    assertThat(dynamic.inverseFrequencies(10_000, 8, 17)[3]).isLessThan(unscaled[3]);
  }

  @Test
  void factorsThatCannotBeMeantAreRefused() {
    assertThatThrownBy(() -> new RopeScaling.Linear(0.5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("ropeScaling.factor is 0.5; it must be at least 1");
    assertThatThrownBy(() -> new RopeScaling.Dynamic(2, 0))
        .hasMessageContaining("ropeScaling.originalMaxPositionEmbeddings is 0");
    assertThatThrownBy(() -> new RopeScaling.Llama3(8, 4, 4, 8192))
        .hasMessageContaining("lowFreqFactor is 4.0 and highFreqFactor is 4.0");
  }
}
