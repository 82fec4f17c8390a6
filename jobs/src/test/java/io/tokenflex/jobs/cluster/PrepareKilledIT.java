package io.tokenflex.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.dataprep.dataset.Manifest;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The driver is killed, and the next run finds what it has left. */
class PrepareKilledIT extends DisturbedPreparation {
  @Test
  void aRunThatIsKilledAtEitherPointPublishesNothingAndTheNextOneTheSameDataset() throws Exception {
    Path output = folder.resolve("killed");
    for (Point point : Point.values()) {
      killAt(point, output, prepare(output));
      assertThat(newest(output)).as("killed while %s", point).isEmpty();
    }
    submit(prepare(output)).endsWith(0);
    assertSameAsUndisturbed(output);
    assertThat(at(output).unpublishedRuns()).as("what the killed runs left").hasSize(2);
  }

  @Test
  void aRunThatIsKilledWhileItAddsLeavesTheVersionBefore() throws Exception {
    Path output = folder.resolve("grown");
    StandaloneCluster.copy(undisturbedFolder(), output);
    int numMore = 100;
    // The same pictures and some more, in another place.
    Path input = render(folder.resolve("grown-input"), NUM_PICTURES + numMore);

    killAt(Point.WRITING_SHARDS, output, prepare(input, output));
    assertThat(newest(output)).contains(undisturbed());
    assertWhole(output, undisturbed());

    submit(prepare(input, output)).endsWith(0);
    Manifest second = newest(output).orElseThrow();
    assertThat(second.version()).isEqualTo(2);
    assertThat(second.run().alreadyPresent()).isEqualTo(NUM_PICTURES);
    assertThat(second.run().rows()).isEqualTo(numMore);
    assertWhole(output, second);
    assertWhole(output, undisturbed());
  }

  private static void killAt(Point point, Path output, Command prepare) throws Exception {
    Submitted run = submit(prepare);
    awaitFilesAt(point, output, run);
    run.kill();
  }
}
