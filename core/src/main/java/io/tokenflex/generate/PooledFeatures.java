package io.tokenflex.generate;

import ai.djl.ndarray.NDArray;
import io.tokenflex.kernels.HostMemory;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.text.ChatTemplate;
import io.tokenflex.text.TokenizedSample;
import java.util.List;
import java.util.stream.LongStream;

/** A prompt as a few numbers; they depend on nothing but the prompt. */
final class PooledFeatures {
  private final ChatTemplate template;
  private final VisionFeatures features;
  private final TokenFlexModel model;

  PooledFeatures(ChatTemplate template, VisionFeatures features, TokenFlexModel model) {
    this.template = template;
    this.features = features;
    this.model = model;
  }

  /** Means over patches, then over text tokens. */
  float[] of(Prompt prompt) {
    TokenizedSample sample = template.encodePrompt("prompt", prompt.turns(), prompt.images());
    int visionSize = model.config().vision().hiddenSize();
    double[] vision = new double[visionSize];
    List<EncodedImage> images = sample.images();
    for (EncodedImage image : images) {
      NDArray features_IPD = features.of(sample, image);
      double[] mean = meanOfRows(HostMemory.floats(features_IPD), visionSize);
      for (int i = 0; i < visionSize; i++) {
        vision[i] += mean[i] / images.size();
      }
    }
    long[] text = LongStream.of(sample.ids()).filter(id -> id != template.imageTokenId()).toArray();
    double[] words = meanOfRows(model.embeddings(text), model.config().language().hiddenSize());
    float[] all = new float[visionSize + words.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = (float) (i < visionSize ? vision[i] : words[i - visionSize]);
    }
    return all;
  }

  private static double[] meanOfRows(float[] rows, int width) {
    double[] mean = new double[width];
    for (int i = 0; i < rows.length; i++) {
      mean[i % width] += rows[i];
    }
    int numRows = Math.max(1, rows.length / width);
    for (int i = 0; i < width; i++) {
      mean[i] /= numRows;
    }
    return mean;
  }
}
