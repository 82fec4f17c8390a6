package io.tokenflex.dataprep.testing;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/** Local files where chosen calls fail, before they do anything or after they did it. */
public final class FaultyFileSystem extends LocalFileSystem {
  private static final AtomicInteger calls = new AtomicInteger();
  private static volatile int firstFailingCall = Integer.MAX_VALUE;
  private static volatile int numFailingCalls;
  private static volatile Moment moment = Moment.BEFORE;

  /** When a call fails. */
  public enum Moment {
    BEFORE,
    /** The act was done and its answer is lost. */
    AFTER
  }

  private interface Act<T> {
    T run() throws IOException;
  }

  /** Lets calls {@code first} to {@code first + count - 1} from now on fail, counted from 1. */
  public static void failCalls(int first, int count, Moment when) {
    calls.set(0);
    moment = when;
    numFailingCalls = count;
    firstFailingCall = first;
  }

  /** Ends all faults; returns how many calls there were since {@link #failCalls}. */
  public static int heal() {
    firstFailingCall = Integer.MAX_VALUE;
    return calls.get();
  }

  private static <T> T call(String what, Act<T> act) throws IOException {
    int call = calls.incrementAndGet();
    boolean fails = call >= firstFailingCall && call - firstFailingCall < numFailingCalls;
    if (fails && moment == Moment.BEFORE) {
      throw new IOException("injected fault before call " + call + ": " + what);
    }
    T result = act.run();
    if (fails) {
      throw new IOException("injected fault after call " + call + ": " + what);
    }
    return result;
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    FSDataInputStream stream = call("open " + path, () -> super.open(path, bufferSize));
    return new FSDataInputStream(new FaultyInput(path, stream));
  }

  /** The first read of a stream is a call. */
  private static final class FaultyInput extends FSInputStream {
    private final Path path;
    private final FSDataInputStream stream;
    private boolean isRead;

    FaultyInput(Path path, FSDataInputStream stream) {
      this.path = path;
      this.stream = stream;
    }

    @Override
    public int read() throws IOException {
      return once(stream::read);
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      return once(() -> stream.read(bytes, offset, length));
    }

    private int once(Act<Integer> act) throws IOException {
      if (isRead) {
        return act.run();
      }
      isRead = true;
      return call("read " + path, act);
    }

    @Override
    public void seek(long position) throws IOException {
      stream.seek(position);
    }

    @Override
    public long getPos() throws IOException {
      return stream.getPos();
    }

    @Override
    public boolean seekToNewSource(long position) throws IOException {
      return stream.seekToNewSource(position);
    }

    @Override
    public int available() throws IOException {
      return stream.available();
    }

    @Override
    public void close() throws IOException {
      stream.close();
    }
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    FSDataOutputStream stream =
        call(
            "create " + path,
            () ->
                super.create(
                    path, permission, overwrite, bufferSize, replication, blockSize, progress));
    return new FSDataOutputStream(new FaultyStream(path, stream), null);
  }

  /** A full disk shows when bytes are written, and often only when the file is closed. */
  private static final class FaultyStream extends FilterOutputStream {
    private final Path path;
    private boolean isWritten;
    private boolean isClosed;

    FaultyStream(Path path, OutputStream stream) {
      super(stream);
      this.path = path;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (isWritten) {
        out.write(bytes, offset, length);
        return;
      }
      isWritten = true;
      call(
          "write " + path,
          () -> {
            out.write(bytes, offset, length);
            return null;
          });
    }

    @Override
    public void close() throws IOException {
      if (isClosed) {
        return;
      }
      isClosed = true;
      call(
          "close " + path,
          () -> {
            out.close();
            return null;
          });
    }
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    return call("rename " + from, () -> super.rename(from, to));
  }

  @Override
  public boolean delete(Path path, boolean recursive) throws IOException {
    return call("delete " + path, () -> super.delete(path, recursive));
  }

  @Override
  public boolean exists(Path path) throws IOException {
    return call("exists " + path, () -> super.exists(path));
  }

  @Override
  public boolean mkdirs(Path path) throws IOException {
    return call("mkdirs " + path, () -> super.mkdirs(path));
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    return call("listStatus " + path, () -> super.listStatus(path));
  }
}
