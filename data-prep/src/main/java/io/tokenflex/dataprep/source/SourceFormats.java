package io.tokenflex.dataprep.source;

import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
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

  /**
   * The format of a file, or none if the file holds nothing.
   *
   * @param length of the file
   * @throws InvalidInputException if it looks like no format
   */
  public static Optional<SourceFormat> recognise(SourceFile file, long length) throws IOException {
    byte[] head = file.head();
    boolean mayBeEmpty =
        ALL.stream()
            .filter(format -> format.recognises(file.name(), head))
            .allMatch(SourceFormats::mayBeEmpty);
    return mayBeEmpty && isBlank(head, length) ? Optional.empty() : Optional.of(recognise(file));
  }

  /** The format of that name, or none if the file holds nothing and the format allows that. */
  public static Optional<SourceFormat> named(String name, SourceFile file, long length)
      throws IOException {
    SourceFormat format = named(name);
    return mayBeEmpty(format) && isBlank(file.head(), length)
        ? Optional.empty()
        : Optional.of(format);
  }

  /** A shard or a table without any byte is a copy that failed, not one without records. */
  private static boolean mayBeEmpty(SourceFormat format) {
    return !(format instanceof WebDatasetFormat || format instanceof ParquetFormat);
  }

  /** Whether a file holds nothing but white space and a byte order mark. */
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

  /** Whether a file that lies beside a tar file of its name is what img2dataset noted about it. */
  public static boolean isLogOfImg2Dataset(SourceFile file) throws IOException {
    return file.name().endsWith("_stats.json")
        || (file.name().endsWith(".parquet") && ParquetFormat.isLogOfImg2Dataset(file));
  }

  private static String names() {
    return ALL.stream().map(SourceFormat::name).collect(Collectors.joining(", "));
  }
}
