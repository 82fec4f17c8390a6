package io.tokenflex.jobs.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.jobs.events.TrainingEvent;
import io.tokenflex.jobs.failure.FailureKind;
import io.tokenflex.storage.LocalStorage;
import io.tokenflex.storage.Storage;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The driver hears which file of a checkpoint a rank waits for. */
@Timeout(120)
class WatchedStorageTest {
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final Duration LONG = Duration.ofMinutes(10);

  @TempDir private Path folder;
  private final BlockingQueue<TrainingEvent> heard = new LinkedBlockingQueue<>();

  private interface Access {
    void run(Storage storage) throws IOException;
  }

  @Test
  void everyAccessThatHangsIsNamedAndEndsAtTheCheckpointsDeadline() throws IOException {
    assertHangs("x", "listed", storage -> storage.list("x"));
    assertHangs("x/new", "written", storage -> storage.createUnlessTaken("x/new", new byte[3]));
    assertHangs("x/file", "written", storage -> storage.create("x/file").close());
    assertHangs("x/file", "read", storage -> storage.open("x/file").close());
    assertHangs("y", "written", storage -> storage.replace("y", new byte[3]));
    assertHangs("y", "deleted", storage -> storage.delete("y"));
  }

  private void assertHangs(String path, String toBe, Access access) {
    heard.clear();
    Storage hung = new HungStorage(new LocalStorage(folder));
    try (RankWatch watch = new RankWatch(() -> false, heard::add, SHORT, LONG)) {
      watch.start();
      Storage storage = new WatchedStorage(hung, watch, SHORT.multipliedBy(4));
      assertThatThrownBy(() -> access.run(storage)).isInstanceOf(InterruptedIOException.class);
    }
    String what = folder.resolve(path) + " to be " + toBe;
    assertThat(heard.peek())
        .isInstanceOfSatisfying(
            TrainingEvent.Waiting.class, waiting -> assertThat(waiting.what()).isEqualTo(what));
    assertThat(heard)
        .filteredOn(report -> report instanceof TrainingEvent.Failed)
        .singleElement()
        .isInstanceOfSatisfying(
            TrainingEvent.Failed.class,
            failed -> {
              assertThat(failed.kind()).isEqualTo(FailureKind.ENVIRONMENT);
              assertThat(failed.message()).contains(what, "train.checkpointTimeout");
            });
  }

  @Test
  void aFileIsOneWaitFromOpeningToClosing() throws Exception {
    try (RankWatch watch = new RankWatch(() -> false, heard::add, SHORT, LONG)) {
      watch.start();
      Storage storage = new WatchedStorage(new LocalStorage(folder), watch, LONG);
      OutputStream out = storage.create("x/weights");
      out.write(new byte[10]);
      TrainingEvent first = heard.poll(60, TimeUnit.SECONDS); // while the file is open
      assertThat(first).isInstanceOf(TrainingEvent.Waiting.class);
      assertThat(((TrainingEvent.Waiting) first).isOver()).isFalse();
      out.close();
      assertThat(heard)
          .filteredOn(report -> ((TrainingEvent.Waiting) report).isOver())
          .as("told once that it is over")
          .hasSize(1);
      InputStream in = storage.open("x/weights");
      assertThat(in.readAllBytes()).hasSize(10);
      in.close();
      assertThat(storage.list("x")).containsExactly("weights");
    }
  }

  /** A mount that does not answer: every call waits until the rank is interrupted. */
  private record HungStorage(Storage storage) implements Storage {
    private static void hang() throws InterruptedIOException {
      try {
        new CountDownLatch(1).await(60, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        throw new InterruptedIOException("interrupted");
      }
    }

    @Override
    public List<String> list(String path) throws IOException {
      hang();
      return List.of();
    }

    @Override
    public boolean createUnlessTaken(String file, byte[] content) throws IOException {
      hang();
      return false;
    }

    @Override
    public OutputStream create(String file) throws IOException {
      return new FilterOutputStream(storage.create(file)) {
        @Override
        public void close() throws IOException {
          out.close();
          hang();
        }
      };
    }

    @Override
    public InputStream open(String file) throws IOException {
      return new FilterInputStream(storage.open(file)) {
        @Override
        public void close() throws IOException {
          in.close();
          hang();
        }
      };
    }

    @Override
    public void replace(String file, byte[] content) throws IOException {
      hang();
    }

    @Override
    public void delete(String path) throws IOException {
      hang();
    }

    @Override
    public String locationOf(String path) {
      return storage.locationOf(path);
    }
  }
}
