package io.tokenflex.jobs.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.jobs.config.RunConfig;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.jobs.testing.SparkForTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/** A folder of input that {@code prepare} runs on, as a copy that a run and a script may change. */
final class PrepareCase {
  private static final String PYTHON = "tokenflex.prepare.cases.python";
  private static final Path QUICKSTART = Path.of("..", "conf", "quickstart.conf");

  private final Path folder;
  private final Path work;

  private PrepareCase(Path folder, Path work) {
    this.folder = folder;
    this.work = work;
  }

  /**
   * Copies a case and lets its script make the input, if it has one: {@code make.sh}, or {@code
   * make.py}, which needs the Python that a system property names and is given the path {@code
   * DIR/in.parquet}.
   *
   * @param work where to, an empty folder
   */
  static PrepareCase copyOf(Path original, Path work) throws IOException, InterruptedException {
    Path copy = work.resolve(original.getFileName().toString());
    try (Stream<Path> files = Files.walk(original)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(original.relativize(file).toString()));
      }
    }
    if (Files.exists(copy.resolve("make.sh"))) {
      make(copy, "sh", "make.sh");
    }
    if (Files.exists(copy.resolve("make.py"))) {
      String python = System.getProperty(PYTHON);
      assumeTrue(python != null, "make.py needs Python: -D" + PYTHON + "=/path/to/python");
      make(copy, python, "make.py", copy.resolve("in.parquet").toString());
    }
    return new PrepareCase(copy, work);
  }

  private static void make(Path folder, String... command)
      throws IOException, InterruptedException {
    Process script = new ProcessBuilder(command).directory(folder.toFile()).inheritIO().start();
    if (!script.waitFor(60, TimeUnit.SECONDS) || script.exitValue() != 0) {
      script.destroyForcibly();
      throw new IOException(String.join(" ", command) + " failed in " + folder);
    }
  }

  Path folder() {
    return folder;
  }

  SeenStep run(ExpectedStep step) throws IOException {
    for (var file : step.files().entrySet()) {
      Files.copy(
          folder.resolve(file.getValue()),
          folder.resolve(file.getKey()),
          StandardCopyOption.REPLACE_EXISTING);
    }
    SparkSession spark = SparkForTests.session();
    Path run = work.resolve("run");
    DatasetFolder dataset =
        DatasetFolder.at(
            run.resolve("data/train").toUri().toString(),
            spark.sparkContext().hadoopConfiguration());
    int before = dataset.newest().map(Manifest::version).orElse(0);
    int exit = ExitCode.DONE.status();
    StringBuilder message = new StringBuilder();
    try {
      prepare(spark, conf(step, run), step.set());
    } catch (Throwable failure) { // as the command line does
      exit = ExitCode.of(failure).status();
      for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
        message.append(cause).append('\n');
      }
    }
    return SeenStep.of(spark, dataset, before, exit, message.toString());
  }

  private static void prepare(SparkSession spark, Path conf, List<String> settings)
      throws IOException {
    RunConfig.Loaded loaded = RunConfig.load(conf, settings);
    RunFolder runFolder =
        RunFolder.of(loaded.config().run().dir(), spark.sparkContext().hadoopConfiguration());
    Stages.prepare(new JobCommand.Job(spark, loaded, runFolder));
  }

  /** The quickstart's model, which nobody asks for here, and the defaults of preparing. */
  private Path conf(ExpectedStep step, Path run) throws IOException {
    String rest =
        ConfigFactory.parseFile(QUICKSTART.toFile())
            .withoutPath("prepare")
            .withoutPath("run.dir")
            .root()
            .render(ConfigRenderOptions.defaults().setJson(false).setOriginComments(false));
    List<String> lines = new ArrayList<>(List.of(rest));
    lines.add("run.dir = \"" + run + "\"");
    lines.add("prepare.maxRejectFraction = 1");
    lines.add("prepare.train.inputs = [" + input(step).replace("DIR", folder.toString()) + "]");
    return Files.write(work.resolve("case.conf"), lines);
  }

  private String input(ExpectedStep step) throws IOException {
    return step.input() == null ? Files.readString(folder.resolve("input.hocon")) : step.input();
  }
}
