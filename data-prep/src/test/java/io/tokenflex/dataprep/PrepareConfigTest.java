package io.tokenflex.dataprep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PrepareConfigTest {
  private static PrepareConfig config(int rowsPerRowGroup, int rowsPerShard, double maxRejects) {
    return new PrepareConfig(
        "in",
        "images",
        "out",
        1,
        rowsPerRowGroup,
        rowsPerShard,
        1000,
        1000,
        1000,
        maxRejects,
        false);
  }

  @Test
  void aShardHoldsWholeRowGroups() {
    assertThatThrownBy(() -> config(4, 10, 0))
        .hasMessage("rowsPerShard is 10; expected a multiple of rowsPerRowGroup (4)");
  }

  @Test
  void aFractionLiesBetweenZeroAndOne() {
    assertThatThrownBy(() -> config(4, 8, 1.5)).hasMessageContaining("maxRejectFraction is 1.5");
    assertThatThrownBy(() -> config(4, 8, Double.NaN)).hasMessageContaining("expected 0 to 1");
  }

  @Test
  void picturesMustFitIntoAnArray() {
    assertThatThrownBy(
            () -> new PrepareConfig("i", "f", "o", 1, 4, 8, 1L << 30, 1000, 1000, 0, false))
        .hasMessageContaining("maxPixels is 1073741824; an image fits into memory up to");
  }

  @Test
  void theDigestDependsOnContentsAndNotOnPlaces() {
    PrepareConfig base = config(4, 8, 0);
    PrepareConfig elsewhere =
        new PrepareConfig("in2", "images2", "out2", 1, 4, 8, 1000, 1000, 1000, 0.5, true);
    assertThat(elsewhere.digest()).isEqualTo(base.digest());
    Stream.of(
            new PrepareConfig("in", "images", "out", 2, 4, 8, 1000, 1000, 1000, 0, false),
            config(2, 8, 0),
            config(4, 12, 0),
            new PrepareConfig("in", "images", "out", 1, 4, 8, 1001, 1000, 1000, 0, false),
            new PrepareConfig("in", "images", "out", 1, 4, 8, 1000, 1001, 1000, 0, false),
            new PrepareConfig("in", "images", "out", 1, 4, 8, 1000, 1000, 1001, 0, false))
        .forEach(other -> assertThat(other.digest()).as("%s", other).isNotEqualTo(base.digest()));
  }
}
