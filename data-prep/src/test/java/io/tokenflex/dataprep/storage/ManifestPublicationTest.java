package io.tokenflex.dataprep.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.dataprep.storage.FakeStore.Fault;
import io.tokenflex.dataprep.storage.FakeStore.Moment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Publishing on storage that fails at every call in turn, before and after the act. */
class ManifestPublicationTest {
  private static final byte[] OURS = "ours".getBytes(StandardCharsets.UTF_8);
  private static final byte[] ANOTHERS = "another's".getBytes(StandardCharsets.UTF_8);
  private static final int FOR_GOOD = 1_000_000;

  @TempDir java.nio.file.Path folder;

  private enum Outcome {
    PUBLISHED,
    TAKEN,
    NOT_PUBLISHED,
    UNKNOWN
  }

  private FakeStore store(String name, boolean hasConditionalCreate) throws IOException {
    FakeStore store = new FakeStore(hasConditionalCreate);
    Path root = new Path(store.scheme(), "", folder.resolve(name).toString());
    store.initialize(root.toUri(), new Configuration());
    store.mkdirs(root);
    return store;
  }

  private Path target(FakeStore store, String name) {
    return new Path(store.scheme(), "", folder.resolve(name).resolve("00001.json").toString());
  }

  private static Outcome publish(FakeStore store, Path target) {
    try {
      return new ManifestPublication(store, target).publish(OURS)
          ? Outcome.PUBLISHED
          : Outcome.TAKEN;
    } catch (DatasetStateUnknownException e) {
      assertThat(e).hasMessageContaining("Nothing was deleted").hasMessageContaining("Run again");
      return Outcome.UNKNOWN;
    } catch (IOException e) {
      return Outcome.NOT_PUBLISHED;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "false, BEFORE, 1", "false, AFTER, 1", "false, BEFORE, " + FOR_GOOD,
        "false, AFTER, " + FOR_GOOD,
    "true, BEFORE, 1", "true, AFTER, 1", "true, BEFORE, " + FOR_GOOD, "true, AFTER, " + FOR_GOOD
  })
  void whatIsSaidOfAFailedPublicationIsTrue(boolean isConditional, Moment moment, int count)
      throws IOException {
    FakeStore undisturbed = store("undisturbed", isConditional);
    undisturbed.fail(new Fault(FOR_GOOD, 0, moment));
    assertThat(publish(undisturbed, target(undisturbed, "undisturbed")))
        .isEqualTo(Outcome.PUBLISHED);
    int numCalls = undisturbed.heal();
    assertThat(numCalls).isGreaterThanOrEqualTo(isConditional ? 2 : 5);
    for (int call = 1; call <= numCalls; call++) {
      String name = "call-" + call;
      FakeStore store = store(name, isConditional);
      store.fail(new Fault(call, count, moment));
      Outcome outcome = publish(store, target(store, name));
      store.heal();
      String fault = moment + " call " + call + " of " + numCalls;
      boolean isThere = store.exists(target(store, name));
      switch (outcome) {
        case PUBLISHED -> assertThat(store.bytes(target(store, name))).as(fault).isEqualTo(OURS);
        case NOT_PUBLISHED -> assertThat(isThere).as(fault).isFalse();
        case TAKEN -> throw new AssertionError("taken by nobody: " + fault);
        case UNKNOWN -> {
          // Only where the store really told nothing: an answered look would have decided.
          boolean couldLook = count == 1 && !isConditional && !isThere;
          assertThat(couldLook).as("could have been told, " + fault).isFalse();
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"false, BEFORE", "false, AFTER", "true, BEFORE", "true, AFTER"})
  void aTakenNameIsNeverReplacedWhateverFails(boolean isConditional, Moment moment)
      throws IOException {
    for (int call = 1; call <= 8; call++) {
      String name = "call-" + call;
      FakeStore store = store(name, isConditional);
      store.put(target(store, name), ANOTHERS);
      store.fail(new Fault(call, 1, moment));
      assertThat(publish(store, target(store, name)))
          .as("%s call %d", moment, call)
          .isNotEqualTo(Outcome.PUBLISHED);
      store.heal();
      assertThat(store.bytes(target(store, name)))
          .as("%s call %d", moment, call)
          .isEqualTo(ANOTHERS);
    }
  }

  @Test
  void aRenameWhoseAnswerIsNoThoughItWasDoneIsSeen() throws IOException {
    FakeStore store = store("lost", /* hasConditionalCreate= */ false);
    store.answerNoToRenames();
    assertThat(publish(store, target(store, "lost"))).isEqualTo(Outcome.PUBLISHED);
    assertThat(Arrays.stream(store.listStatus(target(store, "lost").getParent())))
        .as("nothing is left beside it")
        .hasSize(1);
  }
}
