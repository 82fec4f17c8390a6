package io.tokenflex.dataprep.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.dataprep.dedup.DedupConfig;
import io.tokenflex.dataprep.dedup.DedupConfig.Scope;
import io.tokenflex.dataprep.input.InputConfig;
import io.tokenflex.dataprep.testing.TestConfig;
import io.tokenflex.dataprep.validate.RecordLimits;
import io.tokenflex.image.ImageNormalization;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PrepareConfigTest {
  @Test
  void wrongSettingsAreAnsweredWithWhatWasExpected() {
    assertThatThrownBy(() -> new TestConfig().rowsPerRowGroup(0).build())
        .hasMessage("rowsPerRowGroup is 0; expected at least 1");
    assertThatThrownBy(() -> new TestConfig().targetShardBytes(0).build())
        .hasMessage("targetShardBytes is 0; expected at least 1");
    assertThatThrownBy(() -> new TestConfig().maxRejectFraction(1.5).build())
        .hasMessageContaining("maxRejectFraction is 1.5");
    assertThatThrownBy(() -> new TestConfig().maxRejectFraction(Double.NaN).build())
        .hasMessageContaining("expected 0 to 1");
    assertThatThrownBy(() -> new TestConfig().inputs().build())
        .hasMessageContaining("inputs is empty");
    assertThatThrownBy(
            () ->
                new TestConfig().dedup(new DedupConfig(false, -1, Scope.SAMPLE), "file:/x").build())
        .hasMessageContaining("set dedup.exact or dedup.nearDistance");
    assertThatThrownBy(() -> new RecordLimits(1L << 30, 100, 1, 2, 1000, 1000))
        .hasMessageContaining("maxPixels is 1073741824; an image fits into memory up to");
    assertThatThrownBy(() -> new RecordLimits(1000, 100, 1, 2, 0, 1000))
        .hasMessageContaining("maxImageBytes is 0");
  }

  @Test
  void theDigestDependsOnContentsAndNotOnPlaces() {
    String base = new TestConfig().build().digest();
    PrepareConfig elsewhere =
        new TestConfig()
            .inputs(InputConfig.of("file:/other", ""))
            .output("file:/out2")
            .maxRejectFraction(0.5)
            .overwriting()
            .build();
    assertThat(elsewhere.digest()).isEqualTo(base);
    Stream.of(
            new TestConfig().seed(8),
            new TestConfig().edition("2"),
            new TestConfig().rowsPerRowGroup(8),
            new TestConfig().targetShardBytes(9),
            new TestConfig().limits(new RecordLimits(1001, 1000, 1, 100, 100_000, 200)),
            new TestConfig().limits(new RecordLimits(1000, 999, 1, 100, 100_000, 200)),
            new TestConfig().limits(new RecordLimits(1000, 1000, 2, 100, 100_000, 200)),
            new TestConfig().limits(new RecordLimits(1000, 1000, 1, 99, 100_000, 200)),
            new TestConfig().limits(new RecordLimits(1000, 1000, 1, 100, 100_001, 200)),
            new TestConfig().limits(new RecordLimits(1000, 1000, 1, 100, 100_000, 201)),
            new TestConfig().images(new ImageNormalization(10, 90)),
            new TestConfig().images(new ImageNormalization(0, 91)),
            new TestConfig().dedup(new DedupConfig(true, -1, Scope.SAMPLE)),
            new TestConfig().dedup(new DedupConfig(false, 3, Scope.SAMPLE)),
            new TestConfig().dedup(new DedupConfig(false, -1, Scope.IMAGE)))
        .map(TestConfig::build)
        .forEach(other -> assertThat(other.digest()).as("%s", other).isNotEqualTo(base));
  }
}
