package io.tokenflex.jobs.config;

import io.tokenflex.config.Inline;
import io.tokenflex.dataprep.input.InputConfig;
import io.tokenflex.dataprep.prepare.PrepareConfig;
import io.tokenflex.dataprep.prepare.PrepareSettings;
import io.tokenflex.dataprep.source.SourceOptions;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.run.RunFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/**
 * How raw data becomes the datasets of {@link DataSection}.
 *
 * @param train where the training data comes from
 * @param heldout where the evaluation data comes from; absent if it is prepared by another run
 * @param calibrate where the data to calibrate on comes from; absent if there is none or another
 *     run prepares it
 * @param settings of all
 */
public record PrepareSection(
    Source train,
    Optional<Source> heldout,
    Optional<Source> calibrate,
    @Inline PrepareSettings settings) {

  /**
   * The raw data of one dataset.
   *
   * @param inputs files, globs or folders, in the order of precedence among duplicates
   * @param dedupAgainst datasets whose samples must not come again; any Hadoop path
   */
  public record Source(List<Input> inputs, Optional<List<String>> dedupAgainst) {}

  /**
   * One input.
   *
   * @param path a file, a glob or a folder; any Hadoop path
   * @param imageFolder folder that image names are relative to; absent if images lie in the files
   * @param format recognised if absent
   * @param idPrefix put before every id
   * @param captionPrompt what the user asks where the files hold captions alone
   * @param columns names of columns where they are not the usual ones
   * @param textOnly whether a record without a picture is a sample of text alone; refused if absent
   * @param escape how CSV and TSV write a quote inside quotes; recognised if absent
   */
  public record Input(
      String path,
      Optional<String> imageFolder,
      Optional<String> format,
      Optional<String> idPrefix,
      Optional<String> captionPrompt,
      Optional<Map<String, String>> columns,
      Optional<Boolean> textOnly,
      Optional<String> escape) {

    InputConfig qualified(Configuration hadoop) throws IOException {
      return with(
          RunFolder.qualified(path, hadoop),
          imageFolder.isEmpty() ? "" : RunFolder.qualified(imageFolder.get(), hadoop));
    }

    InputConfig asWritten() {
      return with(path, imageFolder.orElse(""));
    }

    private InputConfig with(String qualifiedPath, String qualifiedFolder) {
      return new InputConfig(
          qualifiedPath,
          qualifiedFolder,
          format.orElse(""),
          idPrefix.orElse(""),
          new SourceOptions(
                  captionPrompt.orElse(SourceOptions.USUAL_PROMPT), columns.orElse(Map.of()))
              .withTextOnly(textOnly.orElse(false))
              .withEscape(escape.orElse("")));
    }
  }

  public PrepareSection {
    // PrepareConfig knows the limits: ask it while the file and line of a mistake are known.
    List<Source> sources = new ArrayList<>(List.of(train));
    heldout.ifPresent(sources::add);
    calibrate.ifPresent(sources::add);
    for (Source source : sources) {
      new PrepareConfig(
          source.inputs().stream().map(Input::asWritten).toList(),
          "",
          0,
          source.dedupAgainst().orElse(List.of()),
          settings);
    }
  }

  /** The preparations of a run, with paths that executors understand. */
  public List<PrepareConfig> all(RunSection run, DataSection data, Configuration hadoop)
      throws IOException {
    List<PrepareConfig> all = new ArrayList<>();
    // First: training data may be compared with evaluation data.
    if (heldout.isPresent()) {
      all.add(of(heldout.get(), data.heldout(), run.seed(), hadoop));
    }
    if (calibrate.isPresent()) {
      String folder =
          data.calibrate()
              .orElseThrow(
                  () ->
                      new InvalidInputException(
                          "prepare.calibrate has inputs but data.calibrate names no folder for"
                              + " them"));
      all.add(of(calibrate.get(), folder, run.seed(), hadoop));
    }
    all.add(of(train, data.train(), run.seed(), hadoop));
    return all;
  }

  private PrepareConfig of(Source source, String output, long seed, Configuration hadoop)
      throws IOException {
    List<InputConfig> inputs = new ArrayList<>();
    for (Input input : source.inputs()) {
      inputs.add(input.qualified(hadoop));
    }
    List<String> against = new ArrayList<>();
    for (String other : source.dedupAgainst().orElse(List.of())) {
      against.add(RunFolder.qualified(other, hadoop));
    }
    return new PrepareConfig(inputs, RunFolder.qualified(output, hadoop), seed, against, settings);
  }
}
