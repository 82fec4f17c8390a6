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
 * @param path URI of a file, folder or glob on any Hadoop file system
 * @param imageFolder URI of the folder to which image names are relative; empty if images are
 *     embedded
 * @param format name of the files' format; empty to detect it
 * @param idPrefix prepended to every id, so that inputs with the same ids can be combined
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

  /** A LLaVA file, or another input with default settings. */
  public static InputConfig of(String path, String imageFolder) {
    return new InputConfig(path, imageFolder, "", "", SourceOptions.usual());
  }

  /** The settings that affect its records, by name, without unset ones. */
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
