package io.tokenflex.jobs.cli;

import io.tokenflex.convert.ModelImport;
import io.tokenflex.lora.PeftAdapter;
import io.tokenflex.model.VisionConfig;
import io.tokenflex.tokens.VisionTokenCount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = {
      "Makes a model folder to start training from out of published Hugging Face folders on this"
          + " machine: a vision tower (SigLIP, CLIP, InternViT) and a language model (Qwen2, Qwen3,"
          + " Llama), joined by a new projector; or a whole model (InternVL, LLaVA, Ristretto, an"
          + " exported TokenFLEX).",
      "A run starts from it with  pretrained = DIR  in its file. Exit status: 0 done, 2 not"
          + " supported or does not fit, 3 a file is missing or damaged."
    })
final class ImportCommand extends ModelCommand {
  @ArgGroup(multiplicity = "1")
  Source source;

  /** Either two parts or a whole model. */
  static final class Source {
    @ArgGroup(exclusive = false)
    Parts parts;

    @Option(
        names = "--model",
        paramLabel = "DIR",
        required = true,
        description = "A whole vision-language model.")
    Path model;
  }

  /** A vision tower and a language model. */
  static final class Parts {
    @Option(
        names = "--vision",
        paramLabel = "DIR",
        required = true,
        description = "A vision tower: config.json, safetensors, preprocessor_config.json.")
    Path vision;

    @Option(
        names = "--language",
        paramLabel = "DIR",
        required = true,
        description = "A language model: config.json, safetensors, tokenizer.json.")
    Path language;
  }

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description = "With --model: a LoRA adapter of it that PEFT saved, to be merged.")
  Optional<Path> adapter = Optional.empty();

  @Option(
      names = "--image-size",
      paramLabel = "PIXELS",
      description =
          "Another image size than the published one; position embeddings are interpolated.")
  Optional<Integer> imageSize = Optional.empty();

  @Option(
      names = "--feature-layer",
      paramLabel = "N",
      defaultValue = "" + VisionConfig.LAST_LAYER,
      description =
          "With --vision: which hidden state is the feature, as vision_feature_layer of"
              + " transformers (default: -1; LLaVA takes -2).")
  int featureLayer;

  @Option(
      names = "--projector-width",
      paramLabel = "N",
      description = "Inner width of a new projector (default: 3 times the vision width).")
  Optional<Integer> projectorWidth = Optional.empty();

  @Option(
      names = "--counts",
      paramLabel = "N",
      split = ",",
      defaultValue = "64,144,256",
      description = "Vision tokens per image to be trained (default: 64,144,256).")
  List<Integer> counts;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of a new projector (default: 1).")
  long seed;

  @Override
  public Integer call() throws IOException {
    ModelImport modelImport =
        new ModelImport(
            new ModelImport.Options(
                imageSize,
                featureLayer,
                projectorWidth,
                counts.stream().map(VisionTokenCount::of).toList(),
                elementType,
                seed),
            this::print);
    if (adapter.isPresent() && source.model == null) {
      throw new ParameterException(
          spec.commandLine(), "--adapter needs --model: an adapter is one of a whole model");
    }
    if (source.parts != null) {
      modelImport.fromParts(source.parts.vision, source.parts.language, out);
    } else if (adapter.isPresent()) {
      modelImport.fromModel(source.model, PeftAdapter.read(adapter.get()), out);
    } else {
      modelImport.fromModel(source.model, out);
    }
    print("start from it with  pretrained = \"" + out.toAbsolutePath().normalize() + "\"");
    return ExitCode.DONE.status();
  }
}
