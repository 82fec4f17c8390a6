package io.tokenflex.jobs.cli;

import io.tokenflex.dataprep.verify.DatasetVerification;
import io.tokenflex.dataprep.verify.Fault;
import io.tokenflex.dataprep.verify.Verification;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "verify",
    description = {
      "Reads a dataset to its last byte and checks it against its manifests: lengths and digests of the"
          + " shards, their rows and row groups, digests of the images, image marks, unique ids, sums,"
          + " rejects and parents.",
      "Prints a line for each fault. Exit status: 0 no fault, 3 faults."
    })
final class VerifyCommand extends DatasetCommand {
  @Option(
      names = "--version",
      paramLabel = "N",
      description = "Only this version; without it all, shards they share once.")
  Optional<Integer> version = Optional.empty();

  @Override
  String jobName() {
    return "verify";
  }

  @Override
  ExitCode run(SparkSession spark) throws IOException {
    Verification verification = DatasetVerification.verify(spark, dataset, version);
    for (Fault fault : verification.faults()) {
      print(fault.toString());
    }
    long numUntold = verification.numFaults() - verification.faults().size();
    if (numUntold > 0) {
      print(String.format(Locale.ROOT, "... and %d faults of the same kinds", numUntold));
    }
    print(verification.toOneLine());
    return verification.isIntact() ? ExitCode.DONE : ExitCode.BAD_DATA;
  }
}
