package io.tokenflex.dataprep.source;

import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a user may say about an input beyond its path.
 *
 * @param captionPrompt what the user asks where a source holds captions alone; the image mark is
 *     put before it
 * @param columns names of columns where they are not the usual ones: usual name to actual name, for
 *     instance {@code image -> filepath}
 * @param textOnly whether a record without a picture is a sample of text alone; else it is refused,
 *     for it has most likely lost its picture
 * @param escape how CSV and TSV write a quote inside quotes: a backslash before it, or a second
 *     quote; empty to recognise it
 * @param maxImageBytes longer images inside a file are refused without being held in memory
 */
public record SourceOptions(
    String captionPrompt,
    Map<String, String> columns,
    boolean textOnly,
    String escape,
    long maxImageBytes)
    implements Serializable {
  public static final String USUAL_PROMPT = "Describe the image in a sentence.";

  /** As long as an array may be: no limit of its own. */
  private static final long UNLIMITED = Integer.MAX_VALUE - 16;

  public SourceOptions {
    columns = Map.copyOf(columns);
    QuoteEscape.named(escape);
  }

  public SourceOptions(String captionPrompt, Map<String, String> columns) {
    this(captionPrompt, columns, /* textOnly= */ false, "", UNLIMITED);
  }

  /** What holds if a user says nothing. */
  public static SourceOptions usual() {
    return new SourceOptions(USUAL_PROMPT, Map.of());
  }

  public SourceOptions withTextOnly(boolean value) {
    return new SourceOptions(captionPrompt, columns, value, escape, maxImageBytes);
  }

  public SourceOptions withEscape(String value) {
    return new SourceOptions(captionPrompt, columns, textOnly, value, maxImageBytes);
  }

  public SourceOptions withMaxImageBytes(long value) {
    return new SourceOptions(captionPrompt, columns, textOnly, escape, value);
  }

  /** The actual name of a column. */
  public String column(String usualName) {
    return columns.getOrDefault(usualName, usualName);
  }

  /**
   * What shapes the records, as a text that digests are made of. A setting that came later appears
   * only where it is set, so that older datasets keep their digests.
   */
  public String identity() {
    return "SourceOptions[captionPrompt="
        + captionPrompt
        + ", columns="
        + new TreeMap<>(columns)
        + "]"
        + (textOnly ? " textOnly" : "")
        + (escape.isEmpty() ? "" : " escape=" + escape);
  }
}
