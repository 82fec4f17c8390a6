package io.tokenflex.jobs.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import io.tokenflex.dataprep.dataset.DatasetExpiry;
import io.tokenflex.dataprep.dataset.DatasetExpiry.Leftover;
import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.jobs.config.ClusterConfig;
import io.tokenflex.jobs.pages.html.HumanText;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

@Command(
    name = "expire",
    description = {
      "Withdraws all but the newest versions of a dataset, then deletes the files that no remaining"
          + " version names, among them what killed runs left.",
      "Younger files stay, for a run at work or a reader may need them; run it again later."
    })
final class ExpireCommand extends DatasetCommand {
  @Option(
      names = "--keep",
      paramLabel = "N",
      required = true,
      description = "How many of the newest versions stay, at least 1.")
  int keep;

  @Option(
      names = "--older-than",
      paramLabel = "DURATION",
      defaultValue = "24h",
      converter = InWords.class,
      description =
          "Only files written longer ago are deleted, such as 24h or 7d (default: 24h). It must"
              + " be longer than any preparation of this dataset takes.")
  Duration olderThan;

  @Option(names = "--dry-run", description = "Says what would be deleted; deletes nothing.")
  boolean isDryRun;

  /** Parses durations as in configuration files. */
  static final class InWords implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      try {
        Config duration = ConfigFactory.empty().withValue("d", ConfigValueFactory.fromAnyRef(text));
        return duration.getDuration("d");
      } catch (ConfigException e) {
        throw new TypeConversionException("'" + text + "' is no duration; expected such as 24h");
      }
    }
  }

  @Override
  String jobName() {
    return "expire";
  }

  /** Only lists and deletes files, so the driver suffices. */
  @Override
  public ClusterConfig cluster() {
    return super.cluster().withMaster("local[1]");
  }

  @Override
  ExitCode run(SparkSession spark) throws IOException {
    DatasetExpiry expiry =
        DatasetExpiry.plan(
            DatasetFolder.at(dataset, spark.sparkContext().hadoopConfiguration()),
            keep,
            Instant.now().minus(olderThan));
    if (isDryRun) {
      expiry.withdrawn().forEach(version -> print("would withdraw version " + version));
      for (Leftover leftover : expiry.deleted()) {
        print(
            String.format(
                Locale.ROOT, "would delete %s, %d bytes", leftover.path(), leftover.bytes()));
      }
    } else {
      expiry.carryOut(this::print);
    }
    for (Leftover young : expiry.tooYoung()) {
      print(
          String.format(
              Locale.ROOT,
              "kept %s, %d bytes: no version names it, but it was written at %s",
              young.path(),
              young.bytes(),
              young.newest()));
    }
    print(
        String.format(
            Locale.ROOT,
            "%s%d versions withdrawn, %s kept; %d files and folders deleted, %s",
            isDryRun ? "dry run: " : "",
            expiry.withdrawn().size(),
            expiry.kept(),
            expiry.deleted().size(),
            HumanText.megabytes(expiry.bytes())));
    return ExitCode.DONE;
  }
}
