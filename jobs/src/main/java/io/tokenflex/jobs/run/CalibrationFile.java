package io.tokenflex.jobs.run;

import io.tokenflex.adaptive.Calibration;
import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** The calibration of a model, by default in its folder. */
public final class CalibrationFile {
  private CalibrationFile() {}

  /** Where the calibration of a model lies unless another place is named. */
  public static String in(String modelFolder) {
    return new Path(modelFolder, Calibration.FILE_NAME).toString();
  }

  /** Replaces a calibration by a complete new one. */
  public static void write(String file, Calibration calibration, Configuration hadoop)
      throws IOException {
    Path path = new Path(file);
    RunFolder.of(path.getParent() == null ? "." : path.getParent().toString(), hadoop)
        .writeText(path.getName(), new String(calibration.toJson(), StandardCharsets.UTF_8));
  }

  /**
   * Reads the calibration of a model.
   *
   * @param file any Hadoop path
   * @throws InvalidInputException if there is none or it is another model's
   */
  public static Calibration read(String file, String modelFolder, Configuration hadoop)
      throws IOException {
    Path path = new Path(file);
    RunFolder folder =
        RunFolder.of(path.getParent() == null ? "." : path.getParent().toString(), hadoop);
    if (!folder.exists(path.getName())) {
      throw Calibration.missing(file, modelFolder);
    }
    Calibration calibration =
        Calibration.read(folder.readText(path.getName()).getBytes(StandardCharsets.UTF_8), file);
    calibration.expectModel(ModelFolder.of(modelFolder, hadoop).digest(), file);
    return calibration;
  }
}
