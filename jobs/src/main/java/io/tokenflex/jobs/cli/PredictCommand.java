package io.tokenflex.jobs.cli;

import io.tokenflex.adaptive.BudgetPlan;
import io.tokenflex.adaptive.Calibration;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.answers.Slice;
import io.tokenflex.jobs.config.ClusterConfig;
import io.tokenflex.jobs.predict.PredictDataset;
import io.tokenflex.jobs.predict.PredictInput;
import io.tokenflex.jobs.predict.PredictJob;
import io.tokenflex.jobs.predict.PredictTable;
import io.tokenflex.jobs.predict.TokenChoice;
import io.tokenflex.jobs.train.HeldModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "predict",
    description = {
      "Answers a table: a question for all rows or a column of questions, about the images of each"
          + " row. Writes OUT/answers, a Parquet table with a row for each row.",
      "Or a prepared dataset: --prompt about all pictures of each sample, or without it every"
          + " question of the sample on its own (each user turn that an answer follows, with the"
          + " sample's system turn and all its pictures); a row holds the sample's id and"
          + " question_index.",
      "Run again after an interruption, it answers what is missing; with nothing missing it changes"
          + " nothing. Exit status: 0 done, 2 an option or the table does not fit, 3 a file is"
          + " missing or damaged, 4 Spark failed: run again."
    })
final class PredictCommand implements SparkCommand, Callable<Integer> {
  @Option(
      names = "--input",
      paramLabel = "TABLE",
      required = true,
      description =
          "A file, folder or glob: CSV with a header (.csv), tab-separated (.tsv), JSON lines"
              + " (.jsonl), else Parquet; or the folder of a dataset that ./tokenflex prepare wrote,"
              + " known by its manifests.")
  String input;

  @Option(
      names = "--version",
      paramLabel = "N",
      description = "Of a prepared dataset, the version to answer (default: the newest).")
  Optional<Integer> version = Optional.empty();

  // Not picocli's standard options, because --version selects a version of the dataset.
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help message and exit.")
  boolean isHelpWanted;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Folder for the answers, on any Hadoop file system; give it again to go on.")
  String out;

  @ArgGroup(multiplicity = "0..1")
  Question question = new Question();

  /** Exclusive options. */
  static final class Question {
    @Option(names = "--prompt", paramLabel = "TEXT", description = "The question of all rows.")
    Optional<String> prompt = Optional.empty();

    @Option(
        names = "--prompt-column",
        paramLabel = "NAME",
        description = "The column that holds each row's question.")
    Optional<String> promptColumn = Optional.empty();
  }

  @Option(
      names = "--image-column",
      paramLabel = "NAME",
      description =
          "Bytes of an image file, or its path, or a list of either; without it the rows are text"
              + " alone.")
  Optional<String> imageColumn = Optional.empty();

  @Option(
      names = "--image-folder",
      paramLabel = "DIR",
      description = "Where relative paths of images begin.")
  Optional<String> imageFolder = Optional.empty();

  @Option(
      names = "--id",
      paramLabel = "NAME",
      description = "The column that tells rows apart (default: id).")
  Optional<String> idColumn = Optional.empty();

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "16",
      description = "Rows decoded together (default: 16).")
  int batchSize;

  @Option(
      names = "--max-broken",
      paramLabel = "X",
      defaultValue = "0.01",
      description = "Fails if a larger part of the rows cannot be asked (default: 0.01).")
  double maxBrokenFraction;

  @Mixin GenerationOptions options;

  @Option(
      names = "--mean-tokens",
      paramLabel = "X",
      description =
          "Vision tokens an image that may be spent in the mean of the whole table, instead of"
              + " --tokens: all rows are asked at a few tokens, those that are least sure once more"
              + " at many. Of a model that ./tokenflex calibrate has seen.")
  Optional<Double> meanTokens = Optional.empty();

  @Mixin LocalCluster.Overrides overrides;

  @Spec CommandSpec spec;

  @Override
  public ClusterConfig cluster() {
    return overrides.cluster();
  }

  @Override
  public Optional<Path> confFile() {
    return Optional.empty();
  }

  @Override
  public Integer call() throws IOException {
    try (SparkSession spark = SparkSessions.open(cluster(), "predict");
        HeldModel held = HeldModel.of(options.model, spark.sparkContext().hadoopConfiguration())) {
      PredictInput rows = rows(spark.sparkContext().hadoopConfiguration());
      PredictJob.Settings asked =
          new PredictJob.Settings(
              tokens(held.folder(), spark.sparkContext().hadoopConfiguration()),
              options.config(),
              options.precision,
              batchSize,
              maxBrokenFraction);
      PredictJob.Result result = PredictJob.run(spark, rows, held.folder(), asked, out);
      PrintWriter console = spec.commandLine().getOut();
      console.println(
          String.format(
              Locale.ROOT,
              "%d answers in %s, %.1f vision tokens an image in the mean",
              result.numRows(),
              result.table(),
              result.meanVisionTokens()));
      result.brokenRows().forEach(row -> console.println("without an answer: " + row));
      console.flush();
    }
    return ExitCode.DONE.status();
  }

  private PredictInput rows(Configuration hadoop) throws IOException {
    if (version.isPresent() || PredictDataset.isAt(input, hadoop)) {
      List<String> ofTables = new ArrayList<>();
      question.promptColumn.ifPresent(given -> ofTables.add("--prompt-column"));
      imageColumn.ifPresent(given -> ofTables.add("--image-column"));
      imageFolder.ifPresent(given -> ofTables.add("--image-folder"));
      idColumn.ifPresent(given -> ofTables.add("--id"));
      if (!ofTables.isEmpty()) {
        throw new InvalidInputException(
            "%s is a prepared dataset, whose samples have ids, pictures and questions; leave out %s"
                .formatted(input, String.join(", ", ofTables)));
      }
      return new PredictDataset(input, version, question.prompt);
    }
    return new PredictTable(
        input,
        idColumn.orElse("id"),
        question.prompt,
        question.promptColumn,
        imageColumn,
        imageFolder.orElse(""));
  }

  private TokenChoice tokens(String folder, Configuration hadoop) throws IOException {
    if (meanTokens.isPresent()) {
      Calibration calibration = options.calibration(folder, hadoop);
      return new TokenChoice.Budget(
          BudgetPlan.of(calibration, meanTokens.get()), calibration.cascade().measure());
    } else if (options.numVisionTokens == Slice.AUTO) {
      return new TokenChoice.Auto(options.calibration(folder, hadoop));
    }
    return new TokenChoice.Fixed(options.numVisionTokens);
  }
}
