package io.tokenflex.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tokenflex.Golden;
import org.junit.jupiter.api.Test;

class PositionEmbeddingsGoldenTest {
  private static final double TOLERANCE = 1e-5;

  @Test
  void everyFamilysOwnInterpolationIsMet() {
    Golden golden = Golden.load("vision/positions");
    JsonNode cases = golden.config().get("cases");
    assertThat(cases).isNotEmpty();
    for (int i = 0; i < cases.size(); i++) {
      JsonNode one = cases.get(i);
      float[] actual =
          PositionEmbeddings.interpolate(
              golden.floats("inputs." + i),
              one.get("leading").intValue(),
              one.get("from").intValue(),
              one.get("to").intValue());
      float[] expected = golden.floats("outputs." + i);
      assertThat(actual).as(one.toString()).hasSameSizeAs(expected);
      double max = 0;
      for (int k = 0; k < expected.length; k++) {
        max = Math.max(max, Math.abs((double) actual[k] - expected[k]));
      }
      System.out.printf("%s: max difference %.2e%n", one, max);
      assertThat(max).as(one.toString()).isLessThan(TOLERANCE);
    }
  }

  @Test
  void aTableThatIsNoGridIsRefused() {
    assertThatThrownBy(() -> PositionEmbeddings.interpolate(new float[17], 1, 3, 4))
        .hasMessageContaining("17 values")
        .hasMessageContaining("1 tokens and 3 x 3 patches");
  }
}
