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
import java.util.HexFormat;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;

/**
 * A row of the table as it is kept between reading and answering.
 *
 * @param prompt null if the table has none
 * @param imageBytes null if the image lies in a file or there is none
 * @param imagePath null if the image is in the table or there is none
 * @param imageVersion length and time of change of the file; empty without one
 */
@SuppressWarnings("ArrayRecordComponent") // written and read, never compared
record StagedRow(String id, String prompt, byte[] imageBytes, String imagePath, String imageVersion)
    implements Serializable {
  static StagedRow of(Row row, String imageFolder, Configuration hadoop) throws IOException {
    String id = row.getString(row.fieldIndex(PredictTable.ID));
    String path = row.getString(row.fieldIndex(PredictTable.IMAGE_PATH));
    if (path != null) {
      path =
          (imageFolder.isEmpty() ? new Path(path) : new Path(new Path(imageFolder), path))
              .toString();
    }
    return new StagedRow(
        id,
        row.getString(row.fieldIndex(PredictTable.PROMPT)),
        row.getAs(PredictTable.IMAGE_BYTES),
        path,
        path == null ? "" : version(new Path(path), hadoop));
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
    String image = imageBytes == null ? "" : HexFormat.of().formatHex(sha256(imageBytes));
    String all =
        String.join(
            "\u0000",
            id,
            prompt == null ? "\u0001" : prompt,
            image,
            imagePath == null ? "" : imagePath,
            imageVersion);
    return Long.parseLong(Digests.sha256Hex(all).substring(0, 15), 16);
  }

  private static byte[] sha256(byte[] bytes) {
    return Digests.sha256().digest(bytes);
  }

  /** What the model is asked; a row that cannot be asked says why. */
  PromptRow toPrompt(Configuration hadoop) throws IOException {
    if (prompt == null || prompt.isBlank()) {
      return PromptRow.broken(id, Map.of(), "the prompt is empty");
    }
    try {
      byte[] image = imageBytes;
      if (imagePath != null) {
        Path file = new Path(imagePath);
        FileSystem files = file.getFileSystem(hadoop);
        try (InputStream in = files.open(file)) {
          image = in.readAllBytes();
        }
      }
      Prompt asked = image == null ? Prompt.of(prompt) : Prompt.of(prompt, image);
      return PromptRow.of(id, Map.of(), asked);
    } catch (FileNotFoundException e) {
      return PromptRow.broken(id, Map.of(), "no image " + imagePath);
    } catch (InvalidInputException e) {
      return PromptRow.broken(id, Map.of(), Failures.inOneLine(e));
    }
  }
}
