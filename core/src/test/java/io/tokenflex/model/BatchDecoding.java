package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.batches.MicroBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** Generation from a collated batch, for tests whose inputs are goldens of whole batches. */
public final class BatchDecoding {
  private BatchDecoding() {}

  /** Starts with the first {@code lengths_B[b]} positions of every sequence. */
  public static DecodingState start(
      TokenFlexModel model, MicroBatch batch, int[] lengths_B, int maxNewTokens) {
    try (NDManager manager = model.manager().newSubManager()) {
      int hiddenSize = model.config().language().hiddenSize();
      NDArray rows = null;
      if (batch.numImages() > 0) {
        NDArray features = model.encodeImages(manager, batch.pixels(), batch.numImages());
        rows = model.project(manager, features, batch.visionTokens()).reshape(-1, hiddenSize);
      }
      List<DecoderPrompt> prompts = new ArrayList<>();
      for (int b = 0; b < lengths_B.length; b++) {
        long start = (long) b * batch.sequenceLength();
        long end = start + lengths_B[b];
        long first = LongStream.of(batch.visionPositions()).filter(at -> at < start).count();
        long[] at =
            LongStream.of(batch.visionPositions())
                .filter(position -> position >= start && position < end)
                .map(position -> position - start)
                .toArray();
        List<NDArray> vision = new ArrayList<>();
        if (at.length > 0) {
          vision.add(
              rows.get(first + ":" + (first + at.length))
                  .reshape(new Shape(1, at.length, hiddenSize)));
        }
        long[] ids = Arrays.copyOfRange(batch.inputIds(), (int) start, (int) end);
        prompts.add(new DecoderPrompt(ids, at, vision));
      }
      return model.startDecoding(prompts, maxNewTokens);
    }
  }
}
