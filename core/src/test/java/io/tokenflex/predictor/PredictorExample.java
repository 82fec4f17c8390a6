package io.tokenflex.predictor;

import ai.djl.inference.Predictor;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import io.tokenflex.generate.Answer;
import io.tokenflex.generate.Prompt;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The example of docs/answers.md. */
final class PredictorExample {
  private PredictorExample() {}

  static List<Answer> answers(Path modelFolder, Path picture) throws Exception {
    // docs: from here
    Criteria<Prompt, Answer> criteria =
        VisionCriteria.answers(modelFolder) // a checkpoint, or what `tokenflex import` wrote
            .optArgument("numVisionTokens", 4)
            .optArgument("maxNewTokens", 12)
            .build();
    try (ZooModel<Prompt, Answer> model = criteria.loadModel();
        Predictor<Prompt, Answer> predictor = model.newPredictor()) {
      byte[] file = Files.readAllBytes(picture);
      Prompt shape = Prompt.of("What shape is it?", file);
      Prompt colour = Prompt.of("What colour is it?", file); // the tower sees the picture once
      return predictor.batchPredict(List.of(shape, colour));
    }
    // docs: to here
  }
}
