package io.tokenflex.dataprep.shard;

import io.tokenflex.digest.Digests;
import java.io.IOException;
import java.security.MessageDigest;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;

/** A Parquet output file that computes its digest and length while it is written. */
final class DigestOutputFile implements OutputFile {
  private final FileSystem fileSystem;
  private final Path path;
  private final MessageDigest digest = Digests.sha256();
  private long length;

  DigestOutputFile(FileSystem fileSystem, Path path) {
    this.fileSystem = fileSystem;
    this.path = path;
  }

  /** Hex digest of everything written; call once, after closing. */
  String sha256() {
    return Digests.hex(digest);
  }

  long length() {
    return length;
  }

  @Override
  public PositionOutputStream create(long blockSizeHint) throws IOException {
    return open(fileSystem.create(path, /* overwrite= */ false));
  }

  @Override
  public PositionOutputStream createOrOverwrite(long blockSizeHint) throws IOException {
    return open(fileSystem.create(path, /* overwrite= */ true));
  }

  @Override
  public boolean supportsBlockSize() {
    return false;
  }

  @Override
  public long defaultBlockSize() {
    return 0;
  }

  @Override
  public String getPath() {
    return path.toString();
  }

  private PositionOutputStream open(FSDataOutputStream stream) {
    return new PositionOutputStream() {
      @Override
      public long getPos() {
        return length;
      }

      @Override
      public void write(int value) throws IOException {
        stream.write(value);
        digest.update((byte) value);
        length++;
      }

      @Override
      public void write(byte[] bytes, int offset, int count) throws IOException {
        stream.write(bytes, offset, count);
        digest.update(bytes, offset, count);
        length += count;
      }

      @Override
      public void flush() throws IOException {
        stream.flush();
      }

      @Override
      public void close() throws IOException {
        stream.close();
      }
    };
  }
}
