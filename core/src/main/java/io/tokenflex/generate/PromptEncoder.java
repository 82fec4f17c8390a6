package io.tokenflex.generate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.tokenflex.batches.Collator;
import io.tokenflex.model.DecoderPrompt;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.text.ChatTemplate;
import io.tokenflex.text.TokenizedSample;
import io.tokenflex.tokens.VisionTokenCount;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Makes what the decoder takes of the prompts of a batch; each image becomes vision tokens once.
 */
final class PromptEncoder {
  private final ChatTemplate template;
  private final Collator collator;
  private final VisionFeatures features;
  private final TokenFlexModel model;
  private final VisionTokenCount count;
  private final NDManager batch;
  private final Map<String, NDArray> visionTokens = new HashMap<>();

  /**
   * Creates an encoder for one batch.
   *
   * @param batch owns the vision tokens
   */
  PromptEncoder(
      ChatTemplate template,
      Collator collator,
      VisionFeatures features,
      TokenFlexModel model,
      VisionTokenCount count,
      NDManager batch) {
    this.template = template;
    this.collator = collator;
    this.features = features;
    this.model = model;
    this.count = count;
    this.batch = batch;
  }

  /**
   * Renders, tokenizes and expands a prompt.
   *
   * @param id for messages
   * @throws io.tokenflex.batches.BadSampleException if the prompt is longer than the model, its
   *     marks are not as many as its images, or an image cannot be decoded
   */
  DecoderPrompt encode(String id, Prompt prompt) {
    TokenizedSample sample = template.encodePrompt(id, prompt.turns(), prompt.images());
    collator.check(sample, count);
    int length = collator.lengthAt(sample, count);
    long[] ids = new long[length];
    long[] positions = new long[length - sample.ids().length + sample.images().size()];
    List<NDArray> vision = new ArrayList<>();
    Iterator<EncodedImage> images = sample.images().iterator();
    int at = 0;
    int numVision = 0;
    for (long token : sample.ids()) {
      int repeats = 1;
      if (token == template.imageTokenId()) {
        EncodedImage image = images.next();
        vision.add(visionTokens(sample, image));
        repeats = collator.numTiles(image) * count.numVisionTokens();
        for (int k = 0; k < repeats; k++) {
          positions[numVision++] = (long) at + k;
        }
      }
      for (int k = 0; k < repeats; k++) {
        ids[at++] = token;
      }
    }
    return new DecoderPrompt(ids, positions, vision);
  }

  private NDArray visionTokens(TokenizedSample sample, EncodedImage image) {
    NDArray known = visionTokens.get(image.sha256());
    if (known == null) {
      known = model.project(batch, features.of(sample, image), count);
      visionTokens.put(image.sha256(), known);
    }
    return known;
  }
}
