package io.tokenflex.dataprep.record;

import io.tokenflex.digest.Digests;
import java.util.regex.Pattern;

/**
 * Assigns ids to records.
 *
 * <p>A record without an id gets one derived from its content, which therefore does not change when
 * rows are inserted or files are split differently. Equal records without ids are numbered;
 * different records with the same id, if the settings allow them, get digits of their content
 * appended.
 */
public final class RecordIds {
  private static final String MADE_UP = "digest-";
  private static final int DIGITS = 16;
  private static final Pattern IS_MADE_UP = Pattern.compile("digest-[0-9a-f]{" + DIGITS + "}$");

  private RecordIds() {}

  /**
   * A record with its id.
   *
   * @param digest of the record as read from its source; detects changes
   */
  public record Identified(SourceRecord record, String digest) {}

  /**
   * Assigns an id.
   *
   * @param prefix prepended to the id
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

  /** Digest of a record without an id in old datasets, whose ids were positions. */
  public static String digestByPosition(
      SourceRecord record, String prefix, String fileName, long position) {
    int dot = fileName.lastIndexOf('.');
    String stem = dot <= 0 ? fileName : fileName.substring(0, dot);
    return RecordDigest.of(withId(record, prefix + stem + '-' + position));
  }

  /** Whether the id was generated. */
  public static boolean isMadeUp(String id) {
    return IS_MADE_UP.matcher(id).find();
  }

  /**
   * The id of a record whose own id is taken.
   *
   * @param copy number of preceding equal records
   */
  public static String numbered(String id, String recordDigest, int copy) {
    String base = isMadeUp(id) && copy > 0 ? id : id + '-' + digits(recordDigest);
    return copy == 0 ? base : base + '-' + (copy + 1);
  }

  /** Digits other than those in a generated id, to distinguish contents that share these. */
  private static String digits(String recordDigest) {
    return recordDigest.substring(DIGITS, 2 * DIGITS);
  }

  private static SourceRecord withId(SourceRecord record, String id) {
    return new SourceRecord(id, record.images(), record.conversation(), record.metadata());
  }
}
