package io.tokenflex.dataprep.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;

/** Files whose storage fails from some byte on. */
final class FailingFiles {
  private FailingFiles() {}

  static SourceFile failingAt(int firstBadByte, Path path) throws IOException {
    return failingBetween(firstBadByte, Long.MAX_VALUE, path);
  }

  /** A file of which the bytes from one to before the other cannot be read. */
  static SourceFile failingBetween(long firstBadByte, long end, Path path) throws IOException {
    byte[] content = Files.readAllBytes(path);
    FileSystem fileSystem =
        new FilterFileSystem(FileSystem.getLocal(new Configuration())) {
          @Override
          public FSDataInputStream open(org.apache.hadoop.fs.Path file) {
            return new FSDataInputStream(new FailingStream(content, firstBadByte, end));
          }
        };
    return new SourceFile(fileSystem, new org.apache.hadoop.fs.Path(path.toUri()));
  }

  private static final class FailingStream extends FSInputStream {
    private final byte[] content;
    private final long firstBadByte;
    private final long end;
    private int position;

    FailingStream(byte[] content, long firstBadByte, long end) {
      this.content = content;
      this.firstBadByte = firstBadByte;
      this.end = end;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (position >= content.length) {
        return -1;
      }
      if (position >= firstBadByte && position < end) {
        throw new IOException("the disk is gone");
      }
      long most = position < firstBadByte ? firstBadByte - position : length;
      int count = (int) Math.min(Math.min(length, most), content.length - position);
      System.arraycopy(content, position, buffer, offset, count);
      position += count;
      return count;
    }

    @Override
    public void seek(long newPosition) {
      position = (int) newPosition;
    }

    @Override
    public long getPos() {
      return position;
    }

    @Override
    public boolean seekToNewSource(long target) {
      return false;
    }
  }
}
