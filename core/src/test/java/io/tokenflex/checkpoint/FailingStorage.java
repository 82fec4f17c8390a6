package io.tokenflex.checkpoint;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/**
 * Breaks at one of the calls to the storage or to a stream that it opened, as a dying disk would:
 * the broken call does half of its work.
 */
final class FailingStorage implements CheckpointStorage {
  private final CheckpointStorage storage;
  private int callsLeft = Integer.MAX_VALUE;

  FailingStorage(CheckpointStorage storage) {
    this.storage = storage;
  }

  /** The {@code call}-th call from now on fails, counted from 1, and only that one. */
  void failAt(int call) {
    callsLeft = call;
  }

  /** Whether the call has failed; heals the storage. */
  boolean heal() {
    boolean failed = callsLeft <= 0;
    callsLeft = Integer.MAX_VALUE;
    return failed;
  }

  private boolean breaksNow() {
    return --callsLeft == 0;
  }

  private void count(String what) throws IOException {
    if (breaksNow()) {
      throw new IOException("injected: " + what);
    }
  }

  @Override
  public List<String> list(String folder) throws IOException {
    count("list " + folder);
    return storage.list(folder);
  }

  @Override
  public OutputStream create(String file) throws IOException {
    if (breaksNow()) {
      storage.create(file).close();
      throw new IOException("injected: create " + file);
    }
    return new FilterOutputStream(storage.create(file)) {
      private boolean closed;

      @Override
      public void write(byte[] bytes, int from, int length) throws IOException {
        if (breaksNow()) {
          out.write(bytes, from, length / 2);
          throw new IOException("injected: write " + file);
        }
        out.write(bytes, from, length);
      }

      @Override
      public void close() throws IOException {
        if (!closed) {
          closed = true;
          out.close();
          count("close " + file);
        }
      }
    };
  }

  @Override
  public InputStream open(String file) throws IOException {
    count("open " + file);
    return new FilterInputStream(storage.open(file)) {
      @Override
      public int read(byte[] bytes, int from, int length) throws IOException {
        count("read " + file);
        return in.read(bytes, from, length);
      }
    };
  }

  @Override
  public void publish(String staging, String published) throws IOException {
    count("publish " + published);
    storage.publish(staging, published);
  }

  @Override
  public void delete(String path) throws IOException {
    if (breaksNow()) {
      List<String> names = storage.list(path);
      for (String name : names.subList(names.size() / 2, names.size())) {
        storage.delete(path + "/" + name);
      }
      throw new IOException("injected: delete " + path);
    }
    storage.delete(path);
  }

  @Override
  public String locationOf(String path) {
    return storage.locationOf(path);
  }
}
