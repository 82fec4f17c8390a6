package io.tokenflex.dataprep.testing;

import io.tokenflex.dataprep.dedup.DedupConfig;
import io.tokenflex.dataprep.dedup.DedupConfig.Scope;
import io.tokenflex.dataprep.dedup.DuplicateIds;
import io.tokenflex.dataprep.input.InputConfig;
import io.tokenflex.dataprep.prepare.PrepareConfig;
import io.tokenflex.dataprep.prepare.PrepareSettings;
import io.tokenflex.dataprep.validate.RecordLimits;
import io.tokenflex.image.ImageNormalization;
import java.util.List;

/** A preparation with small numbers, changed setting by setting. */
public final class TestConfig {
  private List<InputConfig> inputs = List.of(InputConfig.of("file:/in.json", "file:/images"));
  private String output = "file:/out";
  private long seed = 7;
  private String edition = "";
  private int rowsPerRowGroup = 4;
  private long maxRowGroupBytes = 1 << 20;
  private long targetShardBytes = 10_000; // two row groups of LlavaFolder's pictures
  private RecordLimits limits = new RecordLimits(1000, 1000, 1, 100, 100_000, 200);
  private ImageNormalization images = new ImageNormalization(0, 90);
  private DedupConfig dedup = new DedupConfig(false, DedupConfig.NO_NEAR_SEARCH, Scope.SAMPLE);
  private List<String> dedupAgainst = List.of();
  private DuplicateIds duplicateIds = DuplicateIds.REJECT;
  private double maxRejectFraction = 1;
  private boolean overwrite;

  public TestConfig inputs(InputConfig... value) {
    inputs = List.of(value);
    return this;
  }

  public TestConfig output(String value) {
    output = value;
    return this;
  }

  public TestConfig seed(long value) {
    seed = value;
    return this;
  }

  public TestConfig edition(String value) {
    edition = value;
    return this;
  }

  public TestConfig rowsPerRowGroup(int value) {
    rowsPerRowGroup = value;
    return this;
  }

  public TestConfig maxRowGroupBytes(long value) {
    maxRowGroupBytes = value;
    return this;
  }

  public TestConfig targetShardBytes(long value) {
    targetShardBytes = value;
    return this;
  }

  public TestConfig limits(RecordLimits value) {
    limits = value;
    return this;
  }

  public TestConfig images(ImageNormalization value) {
    images = value;
    return this;
  }

  public TestConfig dedup(DedupConfig value, String... against) {
    dedup = value;
    dedupAgainst = List.of(against);
    return this;
  }

  public TestConfig duplicateIds(DuplicateIds value) {
    duplicateIds = value;
    return this;
  }

  public TestConfig maxRejectFraction(double value) {
    maxRejectFraction = value;
    return this;
  }

  public TestConfig overwriting() {
    overwrite = true;
    return this;
  }

  public PrepareConfig build() {
    return new PrepareConfig(
        inputs,
        output,
        seed,
        dedupAgainst,
        new PrepareSettings(
            edition,
            rowsPerRowGroup,
            maxRowGroupBytes,
            targetShardBytes,
            limits,
            images,
            dedup,
            duplicateIds,
            maxRejectFraction,
            overwrite));
  }
}
