package io.tokenflex.dataprep.source;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** The samples of a tar stream, one after the other. */
final class TarSamples implements Closeable {
  /** As webdataset cuts names: the key ends at the first dot after the last slash. */
  private static final Pattern NAME = Pattern.compile("((?:.*/|)[^.]+)[.]([^/]*)", Pattern.DOTALL);

  private static final int BUFFER_BYTES = 1 << 16;

  private final InputStream storage;
  private EndMark endMark;
  private TarArchiveInputStream tar;
  private TarSample started;
  private TarArchiveEntry unread;
  private boolean isAtEnd;
  private String lastMember = "";

  TarSamples(InputStream storage) {
    this.storage = storage;
  }

  /** The last member whose header was read; empty before the first. */
  String lastMember() {
    return lastMember;
  }

  /**
   * The next sample, empty after the last. A sample is whole when the next one starts or the
   * archive ends.
   *
   * @throws IOException if the archive is damaged, or the storage fails
   */
  Optional<TarSample> next() throws IOException {
    if (tar == null) {
      open();
    }
    while (!isAtEnd) {
      TarArchiveEntry entry = unread == null ? tar.getNextEntry() : unread;
      unread = null;
      if (entry == null) {
        isAtEnd = true;
        break;
      }
      if (!entry.isCheckSumOK()) {
        throw new IOException("the checksum of a member's header is wrong");
      }
      lastMember = entry.getName();
      Matcher name = NAME.matcher(entry.getName());
      boolean isSpecial = entry.getName().startsWith("__") && entry.getName().endsWith("__");
      if (!entry.isFile() || !name.matches() || isSpecial) {
        continue;
      }
      if (started != null && !started.key().equals(name.group(1))) {
        // Its content stays in the stream: damage there must not cost the sample before.
        unread = entry;
        return finish();
      }
      if (started == null) {
        started = new TarSample(name.group(1));
      }
      started.add(name.group(2).toLowerCase(Locale.ROOT), entry.getSize(), tar);
    }
    if (started == null && !endMark.isSeen()) {
      throw new IOException("it does not end with a record of zeros");
    }
    return finish();
  }

  private Optional<TarSample> finish() {
    Optional<TarSample> finished = Optional.ofNullable(started);
    started = null;
    return finished;
  }

  private void open() throws IOException {
    BufferedInputStream buffered = new BufferedInputStream(storage, BUFFER_BYTES);
    buffered.mark(2);
    boolean isGzip = buffered.read() == 0x1F && buffered.read() == 0x8B;
    buffered.reset();
    endMark = new EndMark(isGzip ? new GZIPInputStream(buffered, BUFFER_BYTES) : buffered);
    tar = new TarArchiveInputStream(endMark, "UTF-8");
  }

  @Override
  public void close() throws IOException {
    if (tar != null) {
      tar.close();
    }
  }

  /**
   * Sees whether a stream ends with zeros, as archives do: without them one that is cut between two
   * members looks whole.
   */
  private static final class EndMark extends FilterInputStream {
    private static final int RECORD_BYTES = 512;

    private long numZerosAtEnd;

    EndMark(InputStream archive) {
      super(archive);
    }

    boolean isSeen() {
      return numZerosAtEnd >= RECORD_BYTES;
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
      // By reading: skipped bytes may be the last ones.
      byte[] skipped = new byte[(int) Math.min(count, BUFFER_BYTES)];
      return Math.max(0, read(skipped, 0, skipped.length));
    }
  }
}
