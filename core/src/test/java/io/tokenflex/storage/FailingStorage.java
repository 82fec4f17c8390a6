package io.tokenflex.storage;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Breaks at chosen calls to the storage or to a stream that it opened: before the act, in its
 * middle as a dying disk would, or after it, as when an answer is lost. Or lets somebody act at
 * that moment.
 */
public final class FailingStorage implements Storage {
  private final Storage storage;
  private final List<String> calls = new ArrayList<>();
  private int callsLeft = Integer.MAX_VALUE;
  private Moment moment = Moment.BEFORE;
  private boolean lasting;
  private String broken = "";
  private Runnable meanwhile;

  /** When a call fails. */
  public enum Moment {
    BEFORE,
    /** Half of a write or of a deletion is done; else as BEFORE. */
    MIDDLE,
    AFTER
  }

  public FailingStorage(Storage storage) {
    this.storage = storage;
  }

  /** The {@code call}-th call from now on fails, counted from 1, and only that one. */
  public void failAt(int call, Moment when) {
    callsLeft = call;
    moment = when;
    lasting = false;
  }

  /** That call and all that follow fail: the disk is gone. */
  public void failFrom(int call, Moment when) {
    failAt(call, when);
    lasting = true;
  }

  /** At the {@code call}-th call from now on, before it acts, something else happens. */
  public void pauseAt(int call, Runnable happens) {
    callsLeft = call;
    meanwhile = happens;
  }

  /** Which call failed, empty if none did; heals the storage. */
  public String heal() {
    String failed = broken;
    callsLeft = Integer.MAX_VALUE;
    broken = "";
    meanwhile = null;
    lasting = false;
    calls.clear();
    return failed;
  }

  /** All calls since it was healed. */
  public List<String> calls() {
    return List.copyOf(calls);
  }

  private interface Act<T> {
    T run() throws IOException;
  }

  private interface Half {
    void run() throws IOException;
  }

  private synchronized <T> T call(String what, Act<T> act, Half half) throws IOException {
    calls.add(what);
    boolean now = --callsLeft == 0 || (lasting && callsLeft < 0);
    if (now && meanwhile != null) {
      Runnable happens = meanwhile;
      meanwhile = null;
      happens.run();
      now = false;
    }
    if (now && moment != Moment.AFTER) {
      if (moment == Moment.MIDDLE) {
        half.run();
      }
      throw broken(what);
    }
    T result = act.run();
    if (now) {
      throw broken(what);
    }
    return result;
  }

  private IOException broken(String what) {
    if (broken.isEmpty()) {
      broken = what;
    }
    return new IOException("injected: " + what);
  }

  private static void nothing() {}

  @Override
  public List<String> list(String folder) throws IOException {
    return call("list " + folder, () -> storage.list(folder), FailingStorage::nothing);
  }

  @Override
  public OutputStream create(String file) throws IOException {
    OutputStream opened =
        call("create " + file, () -> storage.create(file), () -> storage.create(file).close());
    return new FilterOutputStream(opened) {
      private boolean closed;

      @Override
      public void write(byte[] bytes, int from, int length) throws IOException {
        call(
            "write " + file,
            () -> {
              out.write(bytes, from, length);
              return null;
            },
            () -> out.write(bytes, from, length / 2));
      }

      @Override
      public void close() throws IOException {
        if (!closed) {
          closed = true;
          call(
              "close " + file,
              () -> {
                out.close();
                return null;
              },
              FailingStorage::nothing);
        }
      }
    };
  }

  @Override
  public boolean createUnlessTaken(String file, byte[] content) throws IOException {
    return call(
        "createUnlessTaken " + file,
        () -> storage.createUnlessTaken(file, content),
        FailingStorage::nothing);
  }

  @Override
  public boolean createNeverReplaces() throws IOException {
    return storage.createNeverReplaces();
  }

  @Override
  public InputStream open(String file) throws IOException {
    InputStream opened = call("open " + file, () -> storage.open(file), FailingStorage::nothing);
    return new FilterInputStream(opened) {
      @Override
      public int read(byte[] bytes, int from, int length) throws IOException {
        return call("read " + file, () -> in.read(bytes, from, length), FailingStorage::nothing);
      }
    };
  }

  @Override
  public void replace(String file, byte[] content) throws IOException {
    call(
        "replace " + file,
        () -> {
          storage.replace(file, content);
          return null;
        },
        FailingStorage::nothing);
  }

  @Override
  public void delete(String path) throws IOException {
    call(
        "delete " + path,
        () -> {
          storage.delete(path);
          return null;
        },
        () -> {
          List<String> names = storage.list(path);
          for (String name : names.subList(names.size() / 2, names.size())) {
            storage.delete(path + "/" + name);
          }
        });
  }

  @Override
  public String locationOf(String path) {
    return storage.locationOf(path);
  }
}
