package io.tokenflex.dataprep.source;

import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Registry of all formats. */
public final class SourceFormats {
  /** In order of detection, strictest first. */
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
   * The format with this name.
   *
   * @throws IllegalArgumentException if it is unknown
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
   * Detects the format of a file by its name and first bytes.
   *
   * @throws IllegalArgumentException if no format matches
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

  /**
   * Detects the format of a file; empty if the file has no content.
   *
   * @param length of the file in bytes
   * @throws InvalidInputException if no format matches
   */
  public static Optional<SourceFormat> recognise(SourceFile file, long length) throws IOException {
    byte[] head = file.head();
    boolean mayBeEmpty =
        ALL.stream()
            .filter(format -> format.recognises(file.name(), head))
            .allMatch(SourceFormats::mayBeEmpty);
    return mayBeEmpty && isBlank(head, length) ? Optional.empty() : Optional.of(recognise(file));
  }

  /** The format with this name; empty if the file has no content and the format permits that. */
  public static Optional<SourceFormat> named(String name, SourceFile file, long length)
      throws IOException {
    SourceFormat format = named(name);
    return mayBeEmpty(format) && isBlank(file.head(), length)
        ? Optional.empty()
        : Optional.of(format);
  }

  /** Whether an empty file is valid. For binary formats it means a failed copy. */
  private static boolean mayBeEmpty(SourceFormat format) {
    return !(format instanceof WebDatasetFormat || format instanceof ParquetFormat);
  }

  /** Whether a file contains only white space and a byte order mark. */
  private static boolean isBlank(byte[] head, long length) {
    if (length > head.length) {
      return false;
    }
    for (byte next : head) {
      int value = next & 0xFF;
      boolean isMark = value == 0xEF || value == 0xBB || value == 0xBF || value >= 0xFE;
      if (value > ' ' && !isMark) {
        return false;
      }
    }
    return true;
  }

  /** Whether a file is img2dataset's download log of a tar file with the same stem. */
  public static boolean isLogOfImg2Dataset(SourceFile file) throws IOException {
    return file.name().endsWith("_stats.json")
        || (file.name().endsWith(".parquet") && ParquetFormat.isLogOfImg2Dataset(file));
  }

  private static String names() {
    return ALL.stream().map(SourceFormat::name).collect(Collectors.joining(", "));
  }
}
