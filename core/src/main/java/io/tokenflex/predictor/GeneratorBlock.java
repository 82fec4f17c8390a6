package io.tokenflex.predictor;

import ai.djl.inference.streaming.StreamingBlock;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.Iterator;
import java.util.List;

/**
 * What DJL calls between a translator's input and output. Tokens depend on those before them, so
 * the whole of generation is the translator's and nothing is left for here.
 */
final class GeneratorBlock extends AbstractBlock implements StreamingBlock {
  @Override
  protected NDList forwardInternal(
      ParameterStore parameters,
      NDList inputs,
      boolean training,
      PairList<String, Object> arguments) {
    return inputs;
  }

  @Override
  public Iterator<NDList> forwardStreamIter(
      ParameterStore parameters,
      NDList inputs,
      boolean training,
      PairList<String, Object> arguments) {
    return List.of(inputs).iterator();
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return inputShapes;
  }
}
