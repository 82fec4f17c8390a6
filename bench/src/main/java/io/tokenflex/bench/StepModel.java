package io.tokenflex.bench;

import ai.djl.ndarray.NDManager;
import io.tokenflex.convert.ModelExport;
import io.tokenflex.image.ImageTransform;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.modelfolder.ImageProcessorJson;
import io.tokenflex.modelfolder.ModelFiles;
import io.tokenflex.safetensors.SafetensorsWriter;
import io.tokenflex.safetensors.TensorInfo.ElementType;
import io.tokenflex.text.ChatTemplate;
import io.tokenflex.text.HuggingFaceTokenizer;
import io.tokenflex.text.ModelText;
import io.tokenflex.tokens.VisionTokenCount;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes the model that both sides start from. */
final class StepModel {
  static final String OURS = "model";
  static final String FOR_PYTHON = "python";
  private static final String TOKENIZER = "/io/tokenflex/tokenizer/byte-level/tokenizer.json";

  private final BenchModel size;

  StepModel(BenchModel size) {
    this.size = size;
  }

  /** Returns the id of the image token. */
  long write(Path folder, List<Integer> counts) throws IOException {
    Path ours = Files.createDirectories(folder.resolve(OURS));
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TokenFlexModel model = TokenFlexModel.create(manager, size.config(), ComputeType.FP32);
        OutputStream weights =
            new BufferedOutputStream(Files.newOutputStream(ours.resolve(ModelFiles.WEIGHTS)))) {
      model.parameters().initialize(StepBench.SEED);
      SafetensorsWriter.write(weights, model.parameters().namedWeights());
    }
    byte[] tokenizerJson;
    try (InputStream in = StepModel.class.getResourceAsStream(TOKENIZER)) {
      tokenizerJson = in.readAllBytes();
    }
    ModelText text = ModelText.chatMl(tokenizerJson);
    long imageTokenId;
    try (HuggingFaceTokenizer tokenizer = text.openTokenizer()) {
      ChatTemplate template = text.template(tokenizer);
      imageTokenId = template.imageTokenId();
      Files.write(
          ours.resolve(ModelFiles.GENERATION), ModelFiles.generation(template.endOfTurnId()));
    }
    Files.write(
        ours.resolve(ModelFiles.CONFIG),
        ModelFiles.config(
            size.config(), imageTokenId, counts.stream().map(VisionTokenCount::of).toList()));
    Files.write(ours.resolve(ModelFiles.TOKENIZER), tokenizerJson);
    Files.write(
        ours.resolve(ModelFiles.PREPROCESSOR),
        ImageProcessorJson.write(ImageTransform.siglip(BenchModel.IMAGE_SIZE)));
    new ModelExport(ElementType.F32, message -> {}).whole(ours, folder.resolve(FOR_PYTHON));
    return imageTokenId;
  }
}
