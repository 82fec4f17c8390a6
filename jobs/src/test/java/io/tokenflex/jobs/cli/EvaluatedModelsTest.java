package io.tokenflex.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.run.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluatedModelsTest {
  @TempDir Path folder;

  @Test
  void modelsOfOneNameAreToldApart() throws IOException {
    RunFolder run = RunFolder.of(folder.toString(), new Configuration());
    assertThat(EvaluatedModels.of(List.of("/a/step-1", "/b/step-1", "hdfs:///c/start"), run))
        .containsExactly(
            Map.entry("step-1", "/a/step-1"),
            Map.entry("step-1-2", "/b/step-1"),
            Map.entry("start", "hdfs:///c/start"));
  }

  @Test
  void allCheckpointsOfARunWithoutOneAreRefused() throws IOException {
    RunFolder run = RunFolder.of(folder.toString(), new Configuration());
    assertThatThrownBy(() -> EvaluatedModels.of(List.of("all"), run))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("has no checkpoint");
  }
}
