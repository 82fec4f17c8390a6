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
    byte[] content = Files.readAllBytes(path);
    FileSystem fileSystem =
        new FilterFileSystem(FileSystem.getLocal(new Configuration())) {
          @Override
          public FSDataInputStream open(org.apache.hadoop.fs.Path file) {
            return new FSDataInputStream(new FailingStream(content, firstBadByte));
          }
        };
    return new SourceFile(fileSystem, new org.apache.hadoop.fs.Path(path.toUri()));
  }

  private static final class FailingStream extends FSInputStream {
    private final byte[] content;
    private final int firstBadByte;
    private int position;

    FailingStream(byte[] content, int firstBadByte) {
      this.content = content;
      this.firstBadByte = firstBadByte;
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
      int count = Math.min(length, firstBadByte - position);
      if (count <= 0) {
        throw new IOException("the disk is gone");
      }
      count = Math.min(count, content.length - position);
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
