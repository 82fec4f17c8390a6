package io.tokenflex.dataprep;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/** Local files where chosen calls fail. */
public final class FaultyFileSystem extends LocalFileSystem {
  private static final AtomicInteger calls = new AtomicInteger();
  private static volatile int firstFailingCall = Integer.MAX_VALUE;
  private static volatile int numFailingCalls;

  /** Lets calls {@code first} to {@code first + count - 1} from now on fail, counted from 1. */
  static void failCalls(int first, int count) {
    calls.set(0);
    numFailingCalls = count;
    firstFailingCall = first;
  }

  /** Ends all faults; returns how many calls there were since {@link #failCalls}. */
  static int heal() {
    firstFailingCall = Integer.MAX_VALUE;
    return calls.get();
  }

  private static void call(String what) throws IOException {
    int call = calls.incrementAndGet();
    if (call >= firstFailingCall && call - firstFailingCall < numFailingCalls) {
      throw new IOException("injected fault in call " + call + ": " + what);
    }
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    call("open " + path);
    return super.open(path, bufferSize);
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
    call("create " + path);
    return super.create(path, permission, overwrite, bufferSize, replication, blockSize, progress);
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    call("rename " + from);
    return super.rename(from, to);
  }

  @Override
  public boolean mkdirs(Path path) throws IOException {
    call("mkdirs " + path);
    return super.mkdirs(path);
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    call("listStatus " + path);
    return super.listStatus(path);
  }
}
