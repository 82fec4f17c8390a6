package io.tokenflex.jobs.cli;

import io.tokenflex.pretrained.ModelExport;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a checkpoint as a folder that Python loads: AutoModelForCausalLM.from_pretrained(DIR,"
          + " trust_remote_code=True), at any number of vision tokens.",
      "With --parts, as a vision tower and a language model that from_pretrained loads without our"
          + " code. Exit status: 0 done, 2 does not fit, 3 a file is missing or damaged."
    })
final class ExportCommand extends ModelCommand {
  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "A checkpoint (RUN/checkpoints/step-...) or an imported model.")
  Path model;

  @Option(names = "--parts", description = "Writes the two parts instead of the whole.")
  boolean hasParts;

  @Override
  public Integer call() throws IOException {
    ModelExport export = new ModelExport(elementType, this::print);
    if (hasParts) {
      export.parts(model, out);
    } else {
      export.whole(model, out);
    }
    return ExitCode.DONE.status();
  }
}
