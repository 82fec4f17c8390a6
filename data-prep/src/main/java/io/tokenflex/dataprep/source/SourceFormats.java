package io.tokenflex.dataprep.source;

import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/** All formats there are. */
public final class SourceFormats {
  /** In this order files are offered to them: the stricter ones first. */
  private static final List<SourceFormat> ALL =
      List.of(
          new WebDatasetFormat(),
          new ParquetFormat(),
          new CocoFormat(),
          new LlavaFormat(),
          new VlmEvalKitFormat(),
          DelimitedFormat.TSV,
          DelimitedFormat.CSV);

  private SourceFormats() {}

  /**
   * The format with a name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static SourceFormat named(String name) {
    return ALL.stream()
        .filter(format -> format.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "format is '%s'; expected one of %s".formatted(name, names())));
  }

  /**
   * The format that a file's name and first bytes look like.
   *
   * @throws IllegalArgumentException if it looks like none
   */
  public static SourceFormat recognise(SourceFile file) throws IOException {
    byte[] head = file.head();
    return ALL.stream()
        .filter(format -> format.recognises(file.name(), head))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "%s looks like none of %s; name its format in the input's settings"
                        .formatted(file.path(), names())));
  }

  private static String names() {
    return ALL.stream().map(SourceFormat::name).collect(Collectors.joining(", "));
  }
}
