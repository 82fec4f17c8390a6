package io.tokenflex.dataprep.source;

import java.io.Serializable;
import java.util.Map;

/**
 * What a user may say about an input beyond its path.
 *
 * @param captionPrompt what the user asks where a source holds captions alone; the image mark is
 *     put before it
 * @param columns names of columns where they are not the usual ones: usual name to actual name, for
 *     instance {@code image -> filepath}
 */
public record SourceOptions(String captionPrompt, Map<String, String> columns)
    implements Serializable {
  public static final String USUAL_PROMPT = "Describe the image in a sentence.";

  public SourceOptions {
    columns = Map.copyOf(columns);
  }

  /** What holds if a user says nothing. */
  public static SourceOptions usual() {
    return new SourceOptions(USUAL_PROMPT, Map.of());
  }

  /** The actual name of a column. */
  public String column(String usualName) {
    return columns.getOrDefault(usualName, usualName);
  }
}
