package io.tokenflex.dataprep.input;

import static java.util.Objects.requireNonNull;

import io.tokenflex.dataprep.source.SourceFormats;
import io.tokenflex.dataprep.source.SourceOptions;
import io.tokenflex.failure.InvalidInputException;
import java.io.Serializable;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One input of a preparation.
 *
 * @param path URI of a file, or a glob of several; any Hadoop file system
 * @param imageFolder URI of the folder that image names are relative to; empty if images lie inside
 *     the files
 * @param format name of the files' format; empty to recognise it
 * @param idPrefix put before every id, so that inputs with the same ids can be mixed
 */
public record InputConfig(
    String path, String imageFolder, String format, String idPrefix, SourceOptions options)
    implements Serializable {
  public InputConfig {
    requireNonNull(imageFolder, "imageFolder");
    requireNonNull(idPrefix, "idPrefix");
    requireNonNull(options, "options");
    if (path.isBlank()) {
      throw new InvalidInputException("path is empty; expected a file or a glob");
    }
    if (!format.isEmpty()) {
      SourceFormats.named(format);
    }
  }

  /** A LLaVA file, or any other whose settings are the usual ones. */
  public static InputConfig of(String path, String imageFolder) {
    return new InputConfig(path, imageFolder, "", "", SourceOptions.usual());
  }

  /** The settings that shape its records, by name, as far as they are set. */
  SortedMap<String, String> settings() {
    SortedMap<String, String> settings = new TreeMap<>();
    putIfSet(settings, "imageFolder", imageFolder);
    putIfSet(settings, "format", format);
    putIfSet(settings, "idPrefix", idPrefix);
    if (!options.captionPrompt().equals(SourceOptions.USUAL_PROMPT)) {
      settings.put("captionPrompt", options.captionPrompt());
    }
    if (!options.columns().isEmpty()) {
      settings.put("columns", new TreeMap<>(options.columns()).toString());
    }
    if (options.textOnly()) {
      settings.put("textOnly", "true");
    }
    return settings;
  }

  private static void putIfSet(Map<String, String> settings, String name, String value) {
    if (!value.isEmpty()) {
      settings.put(name, value);
    }
  }

  public InputConfig withMaxImageBytes(long maxImageBytes) {
    return new InputConfig(
        path, imageFolder, format, idPrefix, options.withMaxImageBytes(maxImageBytes));
  }
}
