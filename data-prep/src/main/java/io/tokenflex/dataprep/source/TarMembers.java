package io.tokenflex.dataprep.source;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/** Reads the members of a tar file, plain or gzipped. Concatenated archives are read as one. */
final class TarMembers implements Closeable {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int RECORD_BYTES = 512;

  private final InputStream storage;
  private Records records;
  private TarArchiveInputStream tar;
  private int numArchives;

  TarMembers(InputStream storage) {
    this.storage = storage;
  }

  /**
   * Moves to the next member of the current archive.
   *
   * @return null after the last
   */
  TarArchiveEntry next() throws IOException {
    if (tar == null) {
      open();
    }
    TarArchiveEntry entry = tar.getNextEntry();
    if (entry != null && !entry.isCheckSumOK()) {
      throw new IOException(
          numArchives == 1
              ? "the checksum of a member's header is wrong"
              : "behind an end mark stands what is no member's header");
    }
    return entry;
  }

  /** Moves to the archive after the current end mark; false if there is none. */
  boolean goToNextArchive() throws IOException {
    boolean isThere = records.goToNextArchive();
    if (isThere) {
      startArchive();
    }
    return isThere;
  }

  /** Content of the current member. */
  InputStream content() {
    return tar;
  }

  /** Requires an end mark; without it, the archive may have been truncated between two members. */
  void requireEndMark() throws IOException {
    if (!records.isEndMarkSeen()) {
      throw new IOException("it does not end with a record of zeros");
    }
  }

  private void open() throws IOException {
    BufferedInputStream buffered = new BufferedInputStream(storage, BUFFER_BYTES);
    buffered.mark(2);
    boolean isGzip = buffered.read() == 0x1F && buffered.read() == 0x8B;
    buffered.reset();
    // Java's GZIPInputStream treats a stream whose available() is 0 as ended, and would skip
    // concatenated parts.
    records =
        new Records(
            isGzip
                ? new BufferedInputStream(
                    GzipCompressorInputStream.builder()
                        .setInputStream(buffered)
                        .setDecompressConcatenated(true)
                        .get(),
                    BUFFER_BYTES)
                : buffered);
    startArchive();
  }

  private void startArchive() {
    numArchives++;
    // Block size of one record, so that bytes after the end mark are not skipped.
    tar = new TarArchiveInputStream(records, RECORD_BYTES, RECORD_BYTES, "UTF-8");
  }

  @Override
  public void close() throws IOException {
    if (tar != null) {
      tar.close();
    }
  }

  /**
   * Checks that a stream ends with zero blocks, the end mark; an archive truncated between two
   * members has none.
   */
  private static final class Records extends FilterInputStream {
    private long numZerosAtEnd;
    private long numZerosAtMark;

    Records(InputStream archive) {
      super(archive);
    }

    boolean isEndMarkSeen() {
      return numZerosAtEnd >= RECORD_BYTES;
    }

    /** Skips zero blocks; false if nothing else follows. */
    boolean goToNextArchive() throws IOException {
      while (true) {
        mark(RECORD_BYTES);
        byte[] record = readNBytes(RECORD_BYTES);
        if (record.length == 0) {
          return false;
        }
        for (byte value : record) {
          if (value != 0) {
            reset();
            return true;
          }
        }
      }
    }

    @Override
    public synchronized void mark(int limit) {
      super.mark(limit);
      numZerosAtMark = numZerosAtEnd;
    }

    @Override
    public synchronized void reset() throws IOException {
      super.reset();
      numZerosAtEnd = numZerosAtMark;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int count = super.read(buffer, offset, length);
      int zeros = 0;
      while (zeros < count && buffer[offset + count - 1 - zeros] == 0) {
        zeros++;
      }
      if (count > 0) {
        numZerosAtEnd = zeros == count ? numZerosAtEnd + zeros : zeros;
      }
      return count;
    }

    @Override
    public long skip(long count) throws IOException {
      // Read instead of skipped, because these may be the last bytes.
      byte[] skipped = new byte[(int) Math.min(count, BUFFER_BYTES)];
      return Math.max(0, read(skipped, 0, skipped.length));
    }
  }
}
