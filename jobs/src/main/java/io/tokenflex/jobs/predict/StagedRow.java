package io.tokenflex.jobs.predict;

import io.tokenflex.digest.Digests;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.generate.Prompt;
import io.tokenflex.jobs.answers.PromptRow;
import io.tokenflex.jobs.failure.Failures;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;

/**
 * A row of the table as it is kept between reading and answering.
 *
 * @param prompt null if the table has none
 * @param images in the order of their marks; none for text alone
 */
record StagedRow(String id, String prompt, List<StagedImage> images) implements Serializable {
  StagedRow {
    images = new ArrayList<>(images); // serializable, and may hold null: an image that is missing
  }

  /**
   * One image.
   *
   * @param bytes null if it lies in a file
   * @param path null if it is in the table
   * @param version length and time of change of the file; empty without one
   */
  @SuppressWarnings("ArrayRecordComponent") // written and read, never compared
  record StagedImage(byte[] bytes, String path, String version) implements Serializable {}

  static StagedRow of(Row row, String imageFolder, Configuration hadoop) throws IOException {
    List<StagedImage> images = new ArrayList<>();
    List<byte[]> bytes = list(row, PredictTable.IMAGE_BYTES);
    for (byte[] image : bytes) {
      images.add(image == null ? null : new StagedImage(image, null, ""));
    }
    List<String> paths = list(row, PredictTable.IMAGE_PATHS);
    for (String path : paths) {
      images.add(path == null ? null : inFile(path, imageFolder, hadoop));
    }
    return new StagedRow(
        row.getString(row.fieldIndex(PredictTable.ID)),
        row.getString(row.fieldIndex(PredictTable.PROMPT)),
        images);
  }

  private static <T> List<T> list(Row row, String column) {
    int at = row.fieldIndex(column);
    return row.isNullAt(at) ? List.of() : row.getList(at);
  }

  private static StagedImage inFile(String path, String imageFolder, Configuration hadoop)
      throws IOException {
    Path file = imageFolder.isEmpty() ? new Path(path) : new Path(new Path(imageFolder), path);
    return new StagedImage(null, file.toString(), version(file, hadoop));
  }

  private static String version(Path file, Configuration hadoop) throws IOException {
    try {
      FileStatus status = file.getFileSystem(hadoop).getFileStatus(file);
      return status.getLen() + "@" + status.getModificationTime();
    } catch (FileNotFoundException e) {
      return "missing";
    }
  }

  /** First 60 bits of a digest of everything that the answer depends on. */
  long digest() {
    StringBuilder all = new StringBuilder(id).append('\0').append(prompt == null ? "\1" : prompt);
    for (StagedImage image : images) {
      all.append('\0');
      if (image != null && image.bytes() != null) {
        all.append(HexFormat.of().formatHex(Digests.sha256().digest(image.bytes())));
      } else if (image != null) {
        all.append(image.path()).append('\0').append(image.version());
      }
    }
    return Long.parseLong(Digests.sha256Hex(all.toString()).substring(0, 15), 16);
  }

  /** What the model is asked; a row that cannot be asked says why. */
  PromptRow toPrompt(Configuration hadoop) throws IOException {
    if (prompt == null || prompt.isBlank()) {
      return PromptRow.broken(id, Map.of(), "the prompt is empty");
    }
    byte[][] files = new byte[images.size()][];
    try {
      for (int i = 0; i < files.length; i++) {
        StagedImage image = images.get(i);
        if (image == null) {
          return PromptRow.broken(id, Map.of(), "image " + (i + 1) + " is missing");
        }
        files[i] = image.bytes() != null ? image.bytes() : read(image.path(), hadoop);
      }
      return PromptRow.of(id, Map.of(), Prompt.of(prompt, files));
    } catch (FileNotFoundException e) {
      return PromptRow.broken(id, Map.of(), "no image " + missing(hadoop));
    } catch (InvalidInputException e) {
      return PromptRow.broken(id, Map.of(), Failures.inOneLine(e));
    }
  }

  private static byte[] read(String path, Configuration hadoop) throws IOException {
    Path file = new Path(path);
    try (InputStream in = file.getFileSystem(hadoop).open(file)) {
      return in.readAllBytes();
    }
  }

  private String missing(Configuration hadoop) throws IOException {
    List<String> paths = new ArrayList<>();
    for (StagedImage image : images) {
      if (image != null && image.path() != null) {
        Path file = new Path(image.path());
        if (!file.getFileSystem(hadoop).exists(file)) {
          paths.add(image.path());
        }
      }
    }
    return String.join(", ", paths);
  }
}
