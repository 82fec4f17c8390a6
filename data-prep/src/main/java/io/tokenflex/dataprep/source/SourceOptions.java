package io.tokenflex.dataprep.source;

import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;

/**
 * Settings of an input besides its path.
 *
 * @param captionPrompt user turn for sources that have only captions; an image mark is prepended
 * @param columns usual to actual column names, for instance {@code image -> filepath}
 * @param textOnly whether records without an image are allowed; otherwise they are rejected,
 *     because they have probably lost their image
 * @param escape how CSV and TSV escape quotes: doubled or with a backslash; empty to detect it
 * @param maxImageBytes embedded images above this size are rejected without being loaded
 */
public record SourceOptions(
    String captionPrompt,
    Map<String, String> columns,
    boolean textOnly,
    String escape,
    long maxImageBytes)
    implements Serializable {
  public static final String USUAL_PROMPT = "Describe the image in a sentence.";

  /** Maximum length of an array, so no limit in practice. */
  private static final long UNLIMITED = Integer.MAX_VALUE - 16;

  public SourceOptions {
    columns = Map.copyOf(columns);
    QuoteEscape.named(escape);
  }

  public SourceOptions(String captionPrompt, Map<String, String> columns) {
    this(captionPrompt, columns, /* textOnly= */ false, "", UNLIMITED);
  }

  /** Defaults. */
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

  /** Actual name of a column. */
  public String column(String usualName) {
    return columns.getOrDefault(usualName, usualName);
  }

  /**
   * All settings that affect records, as input for digests. Settings added in later releases appear
   * only if they are set, so that digests of older datasets stay valid.
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
