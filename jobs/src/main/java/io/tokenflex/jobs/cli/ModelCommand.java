package io.tokenflex.jobs.cli;

import io.tokenflex.jobs.config.ClusterConfig;
import io.tokenflex.safetensors.TensorInfo.ElementType;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** A subcommand that converts a local model folder; needs no executors. */
abstract class ModelCommand implements SparkCommand, Callable<Integer> {
  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "The folder to make; it must not be there yet, or be empty.")
  Path out;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      defaultValue = "f32",
      converter = FloatType.class,
      description = "Type of the written weights: f32 (default; loses nothing), bf16 or f16.")
  ElementType elementType;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      defaultValue = "4g",
      description =
          "Heap (default: 4g); the largest tensor must fit in, 4 bytes an element, twice.")
  String memory;

  @Spec CommandSpec spec;

  /** Parses element types by their common names. */
  static final class FloatType implements ITypeConverter<ElementType> {
    @Override
    public ElementType convert(String text) {
      return switch (text.toLowerCase(Locale.ROOT)) {
        case "f32", "fp32", "float32" -> ElementType.F32;
        case "bf16", "bfloat16" -> ElementType.BF16;
        case "f16", "fp16", "float16" -> ElementType.F16;
        default ->
            throw new TypeConversionException(
                "'" + text + "' is no type of weights; expected f32, bf16 or f16");
      };
    }
  }

  @Override
  public final ClusterConfig cluster() {
    return LocalCluster.with(List.of("cluster.driverMemory=" + memory)).withMaster("local[1]");
  }

  @Override
  public final Optional<Path> confFile() {
    return Optional.empty();
  }

  final void print(String line) {
    PrintWriter console = spec.commandLine().getOut();
    console.println(line);
    console.flush();
  }
}
