package io.tokenflex.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which stages the quickstart goes through when it is called again. */
class QuickstartStagesIT {
  @TempDir private Path folder;

  @Test
  void theQuickstartGoesThroughAllStagesOnceAndRendersAnewWhenAsked() throws Exception {
    StandaloneCluster cluster = StandaloneCluster.ofTwoWorkers();
    Path run = folder.resolve("quickstart");
    // From random weights: the start has the shape of the quickstart's own model.
    Command quickstart =
        Command.of("quickstart", "--dir", run.toString(), "--from-scratch")
            .with(TinyTraining.SETTINGS)
            .with(
                "cluster.executorMemory=512m",
                "train.maxSteps=4",
                "train.optimizer.warmupSteps=1",
                "sample.numTrainImages=40",
                "sample.numHeldoutImages=2",
                "evaluate.numVisionTokens=[4,9]",
                "evaluate.maxNewTokens=2");
    assertThat(cluster.submit(quickstart).endsWith(0)).contains("[4/4] evaluate: done");
    assertThat(run.resolve("report.html"))
        .content()
        .contains("2 ranks on", "<code>./tokenflex quickstart --dir ");

    assertThat(cluster.submit(quickstart).endsWith(0))
        .contains("[4/4] evaluate: done before, skipped");
    Path second = run.resolve("data/train/versions/00002.json");
    assertThat(second).doesNotExist();

    // The same ids and names, other pictures: the checkpoint is of other data.
    Command rendered = quickstart.with("sample.printHeightsPx=[10,20]");
    assertThat(cluster.submit(rendered).endsWith(2))
        .contains("[2/4] prepare: done")
        .contains("data fingerprint was");
    assertThat(Files.readString(second)).contains("\"parent\" : 0", "\"rows\" : 40");
  }
}
