package io.tokenflex.dataprep.source;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/** Reads the samples of a tar file in order. */
final class TarSamples implements Closeable {
  /** As in webdataset, the key ends at the first dot after the last slash. */
  private static final Pattern NAME = Pattern.compile("((?:.*/|)[^./]+)[.]([^/]*)", Pattern.DOTALL);

  /** Attribute files that macOS adds to archives, beside each file or in a folder. */
  private static final Pattern HIDDEN =
      Pattern.compile("(?:.*/)?(?:[.][^/]*|__MACOSX/.*)", Pattern.DOTALL);

  /** Maximum number of remembered keys, which only improve messages. */
  private static final int MOST_KEYS = 1 << 18;

  private final TarMembers members;
  private final SourceOptions options;
  private final Set<String> keys = new HashSet<>();
  private TarSample started;
  private TarArchiveEntry unread;
  private boolean isAtEnd;
  private String lastMember = "";

  TarSamples(InputStream storage, SourceOptions options) {
    this.members = new TarMembers(storage);
    this.options = options;
  }

  /** Name of the last member whose header was read; empty before the first. */
  String lastMember() {
    return lastMember;
  }

  /**
   * The next sample; empty after the last. A sample ends where the next one starts or the archive
   * ends.
   *
   * @throws IOException if the archive is damaged or storage fails
   */
  Optional<TarSample> next() throws IOException {
    while (!isAtEnd) {
      TarArchiveEntry entry = unread == null ? members.next() : unread;
      unread = null;
      if (entry == null) {
        if (started != null) {
          return finish(); // complete, even if the rest of the file is damaged
        }
        isAtEnd = !members.goToNextArchive();
        continue;
      }
      lastMember = entry.getName();
      Matcher name = NAME.matcher(entry.getName());
      if (!entry.isFile() || !name.matches() || isNoMember(entry.getName())) {
        continue;
      }
      if (started != null && !started.key().equals(name.group(1))) {
        // Its content is read later, so that damage there does not affect the finished sample.
        unread = entry;
        return finish();
      }
      if (started == null) {
        started = new TarSample(name.group(1), keys.contains(name.group(1)), options);
      }
      add(entry, name.group(2).toLowerCase(Locale.ROOT));
    }
    members.requireEndMark();
    return Optional.empty();
  }

  private void add(TarArchiveEntry entry, String suffix) throws IOException {
    if (entry.isLink() || entry.isSymbolicLink()) {
      started.addLink(suffix, entry.getLinkName());
      return;
    }
    long length = entry.isSparse() ? entry.getRealSize() : entry.getSize();
    started.add(suffix, length, members.content());
  }

  /** webdataset's metadata members and hidden files. */
  private static boolean isNoMember(String name) {
    return (name.startsWith("__") && name.endsWith("__")) || HIDDEN.matcher(name).matches();
  }

  private Optional<TarSample> finish() {
    Optional<TarSample> finished = Optional.ofNullable(started);
    if (started != null && keys.size() < MOST_KEYS) {
      keys.add(started.key());
    }
    started = null;
    return finished;
  }

  @Override
  public void close() throws IOException {
    members.close();
  }
}
