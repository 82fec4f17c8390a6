package io.tokenflex.jobs.failure;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** What Hadoop throws when a local disk is full. */
public final class FullDisk {
  private FullDisk() {}

  /** The error itself, from Linux's device that is always full. */
  public static FSError error() {
    try {
      FileSystem local = FileSystem.getLocal(new Configuration()).getRawFileSystem();
      FSDataOutputStream out = local.create(new Path("file:///dev/full"), true);
      out.write(new byte[1 << 20]);
      throw new AssertionError("/dev/full has room");
    } catch (FSError e) {
      return e;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
