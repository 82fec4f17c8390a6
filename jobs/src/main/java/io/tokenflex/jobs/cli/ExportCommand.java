package io.tokenflex.jobs.cli;

import io.tokenflex.checkpoint.Checkpoints;
import io.tokenflex.convert.ModelExport;
import io.tokenflex.jobs.train.HeldModel;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import picocli.CommandLine.ArgGroup;
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
          + " code. With --adapter, what a run with train.lora trained, for PEFT's"
          + " PeftModel.from_pretrained; its base is the export of the run's  pretrained  folder. Exit status: 0 done, 2 does not fit, 3 a file is missing or damaged."
    })
final class ExportCommand extends ModelCommand {
  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "A checkpoint (RUN/checkpoints/step-...) or an imported model.")
  Path model;

  @ArgGroup Instead instead = new Instead();

  /** Exclusive options. */
  static final class Instead {
    @Option(names = "--parts", description = "Writes the two parts instead of the whole.")
    boolean parts;

    @Option(names = "--adapter", description = "Writes the LoRA adapter instead of the whole.")
    boolean adapter;
  }

  @Override
  public Integer call() throws IOException {
    String given = "file://" + model.toAbsolutePath();
    try (HeldModel held = HeldModel.of(given, new Configuration())) {
      export(held.folder().equals(given) ? model : local(held.folder()));
    }
    return ExitCode.DONE.status();
  }

  private static Path local(String location) {
    return Path.of(new org.apache.hadoop.fs.Path(location).toUri().getPath());
  }

  private void export(Path folder) throws IOException {
    ModelExport export = new ModelExport(elementType, this::print);
    if (instead.parts) {
      export.parts(folder, out);
    } else if (instead.adapter) {
      export.adapter(folder.resolve(Checkpoints.ADAPTER), out);
    } else {
      export.whole(folder, out);
    }
  }
}
