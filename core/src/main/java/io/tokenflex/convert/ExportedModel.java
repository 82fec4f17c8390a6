package io.tokenflex.convert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.model.ModelConfig;
import io.tokenflex.model.ParameterSpec;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.model.VisionConfig;
import io.tokenflex.model.VisionFamily;
import io.tokenflex.modelfolder.ModelFiles;
import io.tokenflex.names.DecoderNames;
import io.tokenflex.names.ModelFormat;
import io.tokenflex.names.NameTable;
import io.tokenflex.names.VisionFormat;
import io.tokenflex.safetensors.SafetensorsFolder;
import io.tokenflex.safetensors.TensorInfo;
import io.tokenflex.safetensors.TensorProblems;
import io.tokenflex.safetensors.TensorSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A model folder and the format in which its parts are exported.
 *
 * @param json the folder's {@code config.json}
 * @param tower the exported configuration, without layers above the feature layer
 */
record ExportedModel(ModelConfig config, JsonNode json, VisionFormat format, VisionConfig tower) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static ExportedModel read(Path model) throws IOException {
    Path file = model.resolve(ModelFiles.CONFIG);
    byte[] bytes = Files.readAllBytes(file);
    ModelConfig config = ModelFiles.readConfig(bytes, file.toString());
    return new ExportedModel(
        config,
        JSON.readTree(bytes),
        VisionFormat.exported(config.vision().family()),
        config.vision().withoutUnbuiltLayers());
  }

  List<TensorSource> vision(SafetensorsFolder tensors) {
    List<TensorSource> published =
        new ArrayList<>(published(tensors, "vision_model.", format.names(tower)));
    boolean isNormed = tower.family() == VisionFamily.INTERNVIT || tower.hasPostNorm();
    if (!isNormed) { // transformers' class requires this norm; the features are taken before it, so
      // it is written as identity
      published.add(constant("vision_model.post_layernorm.weight", 1));
      published.add(constant("vision_model.post_layernorm.bias", 0));
    }
    return published;
  }

  private TensorSource constant(String name, float value) {
    int width = tower.hiddenSize();
    return new TensorSource(
        name,
        List.of((long) width),
        () -> {
          float[] values = new float[width];
          Arrays.fill(values, value);
          return values;
        });
  }

  List<TensorSource> projector(SafetensorsFolder tensors) {
    return tensors.tensors().values().stream()
        .filter(tensor -> tensor.name().startsWith(ModelFormat.PROJECTOR))
        .map(
            tensor ->
                new TensorSource(
                    tensor.name(), tensor.shape(), () -> tensors.readWeights(tensor.name())))
        .toList();
  }

  List<TensorSource> language(SafetensorsFolder tensors) {
    return published(tensors, "language_model.", DecoderNames.of(config.language()));
  }

  /**
   * Validates the tensors against the configuration.
   *
   * @throws IllegalArgumentException naming all missing, unexpected and misshapen tensors together
   */
  void check(SafetensorsFolder tensors) {
    TensorProblems problems = new TensorProblems();
    Set<String> unexpected = new HashSet<>(tensors.tensors().keySet());
    for (ParameterSpec spec : TokenFlexModel.parameterSpecs(config)) {
      List<Long> shape = Arrays.stream(spec.shape().getShape()).boxed().toList();
      if (!unexpected.remove(spec.name())) {
        problems.missing(spec.name(), shape);
        continue;
      }
      List<Long> found = tensors.tensors().get(spec.name()).shape();
      if (!found.equals(shape)) {
        problems.add("%s is %s, the model has %s".formatted(spec.name(), found, shape));
      }
    }
    unexpected.forEach(problems::unexpected);
    if (!problems.isEmpty()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: %d tensors do not fit its config.json: %s; take a checkpoint or an imported model",
              tensors,
              problems.size(),
              problems));
    }
  }

  private static List<TensorSource> published(
      SafetensorsFolder tensors, String part, NameTable names) {
    List<TensorSource> published = new ArrayList<>();
    for (TensorInfo our : tensors.tensors().values()) {
      if (!our.name().startsWith(part)) {
        continue;
      }
      // Export formats stack no tensors, so each of ours is exactly one published tensor.
      NameTable.Row row = names.findOurs(our.name()).orElseThrow();
      long[] shape = our.shape().stream().mapToLong(Long::longValue).toArray();
      published.add(
          new TensorSource(
              row.published(),
              Arrays.stream(row.publishedShape(shape)).boxed().toList(),
              () -> tensors.readWeights(our.name())));
    }
    return published;
  }
}
