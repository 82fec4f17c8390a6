package io.tokenflex.jobs.train;

import io.tokenflex.checkpoint.Checkpoints;
import io.tokenflex.storage.Storage;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;

/**
 * Checkpoints of which every access is watched: the driver hears which file a rank waits for. A
 * file that is read or written is one wait, from opening to closing.
 *
 * @param deadline of an access
 */
record WatchedStorage(Storage storage, RankWatch watch, Duration deadline) implements Storage {
  private <T> T await(String path, String toBe, RankWatch.Call<T> call) throws IOException {
    return watch.await(locationOf(path) + " to be " + toBe, deadline, Checkpoints.TIMEOUT, call);
  }

  private RankWatch.Wait begin(String file, String toBe) {
    return watch.begin(locationOf(file) + " to be " + toBe, deadline, Checkpoints.TIMEOUT);
  }

  @Override
  public List<String> list(String folder) throws IOException {
    return await(folder, "listed", () -> storage.list(folder));
  }

  @Override
  public boolean createUnlessTaken(String file, byte[] content) throws IOException {
    return await(file, "written", () -> storage.createUnlessTaken(file, content));
  }

  @Override
  public void replace(String file, byte[] content) throws IOException {
    await(
        file,
        "written",
        () -> {
          storage.replace(file, content);
          return null;
        });
  }

  @Override
  public void delete(String path) throws IOException {
    await(
        path,
        "deleted",
        () -> {
          storage.delete(path);
          return null;
        });
  }

  @Override
  public OutputStream create(String file) throws IOException {
    RankWatch.Wait wait = begin(file, "written");
    try {
      return new FilterOutputStream(storage.create(file)) {
        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
          out.write(bytes, from, length);
        }

        @Override
        public void close() throws IOException {
          try {
            out.close();
          } finally {
            wait.end();
          }
        }
      };
    } catch (IOException | RuntimeException | Error e) {
      wait.end();
      throw e;
    }
  }

  @Override
  public boolean createNeverReplaces() throws IOException {
    return storage.createNeverReplaces();
  }

  @Override
  public InputStream open(String file) throws IOException {
    RankWatch.Wait wait = begin(file, "read");
    try {
      return new FilterInputStream(storage.open(file)) {
        @Override
        public void close() throws IOException {
          try {
            in.close();
          } finally {
            wait.end();
          }
        }
      };
    } catch (IOException | RuntimeException | Error e) {
      wait.end();
      throw e;
    }
  }

  @Override
  public String locationOf(String path) {
    return storage.locationOf(path);
  }
}
