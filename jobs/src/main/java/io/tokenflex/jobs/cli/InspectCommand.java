package io.tokenflex.jobs.cli;

import io.tokenflex.dataprep.storage.DurableStream;
import io.tokenflex.jobs.config.RunConfig;
import io.tokenflex.jobs.failure.RejectedDataException;
import io.tokenflex.jobs.pages.inspect.InspectJob;
import io.tokenflex.jobs.pages.inspect.Inspection;
import io.tokenflex.jobs.pages.inspect.TokenCounting;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "inspect",
    description = {
      "Look before you train: shows what a dataset holds and what was rejected, and writes a page with"
          + " distributions and samples that needs nothing else.",
      "Exit status: 0 done, 2 no such dataset or version, 3 a shard is lost (see verify)."
    })
final class InspectCommand extends DatasetCommand {
  @Option(
      names = "--version",
      paramLabel = "N",
      description = "The version to look at (default: the newest).")
  Optional<Integer> version = Optional.empty();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      defaultValue = "inspect.html",
      description =
          "Where to write the page (default: ./inspect.html); with a scheme, any Hadoop path.")
  String out;

  @Option(
      names = "--conf",
      paramLabel = "FILE",
      description =
          "A run whose tokenizer and token counts tell how long sequences are; without one the"
              + " built-in byte-level tokenizer at 64, 144 and 256 vision tokens.")
  Optional<Path> conf = Optional.empty();

  @Override
  String jobName() {
    return "inspect";
  }

  @Override
  public Optional<Path> confFile() {
    return conf;
  }

  @Override
  ExitCode run(SparkSession spark) throws IOException {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    TokenCounting counting =
        conf.isPresent()
            ? TokenCounting.of(RunConfig.load(conf.get(), List.of()).config(), hadoop)
            : TokenCounting.builtIn();
    Inspection inspection;
    try {
      inspection = InspectJob.run(spark, dataset, version, counting);
    } catch (InspectJob.LostShardException e) {
      throw new RejectedDataException(e);
    }
    inspection.toLines().forEach(this::print);
    print("page: " + write(inspection.toHtml(), hadoop));
    return ExitCode.DONE;
  }

  private String write(String page, Configuration hadoop) throws IOException {
    byte[] bytes = page.getBytes(StandardCharsets.UTF_8);
    if (!out.contains(":/")) {
      Path file = Path.of(out).toAbsolutePath().normalize();
      Files.createDirectories(file.getParent());
      Files.write(file, bytes);
      return file.toString();
    }
    var path = new org.apache.hadoop.fs.Path(out);
    try (OutputStream stream =
        DurableStream.create(path.getFileSystem(hadoop), path, /* overwrite= */ true)) {
      stream.write(bytes);
    }
    return path.toString();
  }
}
