package io.tokenflex.dataprep.record;

import io.tokenflex.digest.Digests;
import java.util.regex.Pattern;

/**
 * The ids under which a dataset knows records.
 *
 * <p>A record that brings none is named after its contents: the same record has the same id
 * wherever it stands, so a row inserted before it or a file cut otherwise changes nothing. Equal
 * records without ids, and different ones that share an id where the settings let them, are told
 * apart by digits of their contents and by number.
 */
public final class RecordIds {
  private static final String MADE_UP = "digest-";
  private static final int DIGITS = 16;
  private static final Pattern IS_MADE_UP = Pattern.compile("digest-[0-9a-f]{" + DIGITS + "}$");

  private RecordIds() {}

  /**
   * A record under its id.
   *
   * @param digest of the record as its source gave it; tells whether it has changed
   */
  public record Identified(SourceRecord record, String digest) {}

  /**
   * Names a record.
   *
   * @param prefix put before the id
   */
  public static Identified identify(SourceRecord record, String prefix) {
    if (!record.id().isEmpty()) {
      SourceRecord named = prefix.isEmpty() ? record : withId(record, prefix + record.id());
      return new Identified(named, RecordDigest.of(named));
    }
    String contents = RecordDigest.of(record);
    String id = prefix + MADE_UP + contents.substring(0, DIGITS);
    return new Identified(
        withId(record, id), prefix.isEmpty() ? contents : Digests.sha256Hex(prefix + contents));
  }

  /** The digest of a record without id in datasets of the time when ids were positions. */
  public static String digestByPosition(
      SourceRecord record, String prefix, String fileName, long position) {
    int dot = fileName.lastIndexOf('.');
    String stem = dot <= 0 ? fileName : fileName.substring(0, dot);
    return RecordDigest.of(withId(record, prefix + stem + '-' + position));
  }

  /** Whether the record of this id brought none. */
  public static boolean isMadeUp(String id) {
    return IS_MADE_UP.matcher(id).find();
  }

  /**
   * The id of a record whose own is taken.
   *
   * @param copy how many equal records come before it
   */
  public static String numbered(String id, String recordDigest, int copy) {
    String base = isMadeUp(id) && copy > 0 ? id : id + '-' + digits(recordDigest);
    return copy == 0 ? base : base + '-' + (copy + 1);
  }

  /** Not those of a made-up id: where two contents share these, they tell them apart. */
  private static String digits(String recordDigest) {
    return recordDigest.substring(DIGITS, 2 * DIGITS);
  }

  private static SourceRecord withId(SourceRecord record, String id) {
    return new SourceRecord(id, record.images(), record.conversation(), record.metadata());
  }
}
