package io.tokenflex.adaptive;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.tokenflex.digest.Digests;
import io.tokenflex.failure.DamagedDataException;
import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How the number of vision tokens is chosen for each prompt of a model; {@code calibration.json} in
 * a model folder is this record (docs/format/calibration.md).
 *
 * @param format of the file
 * @param source where the rows came from that it was fitted to
 * @param tolerance the score that it may lose to the largest count
 * @param counts numbers of vision tokens to choose from, ascending
 * @param fixed what each count scored when it was taken for all rows
 * @param method the default
 * @param cascadePoint what the cascade is worth on rows that it was not fitted to
 * @param budgets for a mean number of vision tokens over a dataset
 */
public record Calibration(
    int format,
    Source source,
    int numRows,
    double tolerance,
    List<Integer> counts,
    List<Fixed> fixed,
    Method method,
    Cascade cascade,
    OperatingPoint cascadePoint,
    Selector selector,
    OperatingPoint selectorPoint,
    List<BudgetCurve> budgets) {
  /** The format that is written. */
  public static final int FORMAT = 1;

  /** Name in a model folder. */
  public static final String FILE_NAME = "calibration.json";

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);

  public Calibration {
    counts = List.copyOf(counts);
    fixed = List.copyOf(fixed);
    budgets = List.copyOf(budgets);
    requireNonNull(source, "source");
    requireNonNull(method, "method");
    requireNonNull(cascade, "cascade");
    requireNonNull(selector, "selector");
  }

  /** How a count is chosen. */
  public enum Method {
    /** By the confidence of an answer at a smaller one. */
    CASCADE,
    /** By pooled features, before the first answer. */
    SELECTOR
  }

  /**
   * Where the rows came from.
   *
   * @param model digest of the model that answered them
   * @param data digest of the rows
   * @param pictures digests of their pictures, which no reported number may use
   */
  public record Source(String model, String data, List<String> pictures) {
    public Source {
      pictures = List.copyOf(pictures);
    }
  }

  /**
   * One count for all rows.
   *
   * @param difference mean score minus that at the largest count
   */
  public record Fixed(int numVisionTokens, double score, double difference) {}

  /** The file's content. */
  public byte[] toJson() {
    try {
      return JSON.writeValueAsString(this).getBytes(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("numbers and texts can be written as JSON", e);
    }
  }

  /**
   * Reads a file.
   *
   * @param location for messages
   * @throws DamagedDataException if it holds no calibration of this format
   */
  public static Calibration read(byte[] json, String location) throws IOException {
    Calibration read;
    try {
      read = JSON.readValue(json, Calibration.class);
    } catch (IOException | RuntimeException e) {
      throw new DamagedDataException(
          location
              + " holds no calibration that this program knows: "
              + e.getMessage()
              + "; run tokenflex calibrate again",
          e);
    }
    if (read.format() != FORMAT) {
      throw new DamagedDataException(
          location
              + " has format "
              + read.format()
              + "; this program reads format "
              + FORMAT
              + ": run tokenflex calibrate again");
    }
    return read;
  }

  /**
   * Reads the calibration in a model's folder on the local disk.
   *
   * @throws InvalidInputException if there is none or it is another model's
   */
  public static Calibration in(Path modelFolder) throws IOException {
    Path file = modelFolder.resolve(FILE_NAME);
    if (!Files.exists(file)) {
      throw missing(file.toString(), modelFolder.toString());
    }
    Calibration calibration = read(Files.readAllBytes(file), file.toString());
    calibration.expectModel(ModelDigest.of(modelFolder), file.toString());
    return calibration;
  }

  /** What to say where a model has no calibration. */
  public static InvalidInputException missing(String file, String modelFolder) {
    return new InvalidInputException(
        "No calibration "
            + file
            + ": how many vision tokens a prompt needs is not known of this model; run"
            + " ./tokenflex calibrate --model "
            + modelFolder
            + ", or name a number of tokens");
  }

  /**
   * Refuses the calibration of another model.
   *
   * @param model digest of the model that is to be asked
   */
  public void expectModel(String model, String location) {
    if (!source.model().equals(model)) {
      throw new InvalidInputException(
          location
              + " was made for a model with the digest "
              + source.model()
              + ", but this one's is "
              + model
              + "; its confidences mean something else: run tokenflex calibrate for this model");
    }
  }

  /** The same with another default. */
  public Calibration withMethod(Method other) {
    return new Calibration(
        format,
        source,
        numRows,
        tolerance,
        counts,
        fixed,
        other,
        cascade,
        cascadePoint,
        selector,
        selectorPoint,
        budgets);
  }

  /** What the default is worth. */
  @JsonIgnore
  public OperatingPoint point() {
    return method == Method.CASCADE ? cascadePoint : selectorPoint;
  }

  /** Differs between calibrations that choose differently. */
  @JsonIgnore
  public String digest() {
    return Digests.sha256Hex(new String(toJson(), StandardCharsets.UTF_8));
  }
}
