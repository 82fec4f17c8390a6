package io.tokenflex.jobs.cli;

import io.tokenflex.adaptive.Calibration;
import io.tokenflex.distributed.Precision;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.generate.GenerationConfig;
import io.tokenflex.jobs.answers.Slice;
import io.tokenflex.jobs.run.CalibrationFile;
import io.tokenflex.tokens.VisionTokenCount;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options of commands that ask a model: which, how tokens are chosen and when an answer ends. */
final class GenerationOptions {
  @Option(
      names = "--model",
      paramLabel = "DIR",
      required = true,
      description =
          "A checkpoint (RUN/checkpoints/step-...) or an imported model, on any Hadoop file"
              + " system.")
  String model;

  @Option(
      names = "--tokens",
      paramLabel = "N|auto",
      defaultValue = "256",
      converter = Tokens.class,
      description =
          "Vision tokens an image, a square number (default: 256); 'auto' chooses one for each"
              + " picture and question, of a model that ./tokenflex calibrate has seen.")
  int numVisionTokens;

  @Option(
      names = "--calibration",
      paramLabel = "FILE",
      description = "What ./tokenflex calibrate wrote, if it does not lie in the model's folder.")
  Optional<String> calibration = Optional.empty();

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      defaultValue = "512",
      description = "Longest answer in tokens (default: 512).")
  int maxNewTokens;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "0",
      description = "Draws tokens at this temperature; 0 (default) takes the likeliest.")
  double temperature;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      defaultValue = "1",
      description = "Draws from the likeliest tokens that together reach P (default: 1, all).")
  double topP;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed of the draws (default: 0).")
  long seed;

  @Option(
      names = "--repetition-penalty",
      paramLabel = "X",
      defaultValue = "1",
      description = "As transformers defines it (default: 1, none).")
  double repetitionPenalty;

  @Option(
      names = "--no-repeat-ngram",
      paramLabel = "N",
      defaultValue = "0",
      description = "No N tokens occur twice in the same order (default: 0, no limit).")
  int noRepeatNgramSize;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "Ends an answer before this text; can be given several times.")
  List<String> stopStrings = new ArrayList<>();

  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      defaultValue = "auto",
      description = "auto (default: fp32 on a CPU), fp32 or bf16.")
  Precision precision;

  /** Parses numbers of vision tokens. */
  static final class Tokens implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      if (text.equalsIgnoreCase("auto")) {
        return Slice.AUTO;
      }
      try {
        return VisionTokenCount.of(Integer.parseInt(text)).numVisionTokens();
      } catch (NumberFormatException e) {
        throw new TypeConversionException(
            "'" + text + "' is no number of vision tokens; expected a square number or auto");
      } catch (InvalidInputException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /**
   * The calibration of the model that is asked.
   *
   * @throws InvalidInputException if there is none or it is another model's
   */
  Calibration calibration(String modelFolder, Configuration hadoop) throws IOException {
    return CalibrationFile.read(
        calibration.orElse(CalibrationFile.in(modelFolder)), modelFolder, hadoop);
  }

  /**
   * The options as a configuration.
   *
   * @throws IllegalArgumentException if one is out of range
   */
  GenerationConfig config() {
    return new GenerationConfig(
        maxNewTokens, temperature, topP, seed, repetitionPenalty, noRepeatNgramSize, stopStrings);
  }
}
