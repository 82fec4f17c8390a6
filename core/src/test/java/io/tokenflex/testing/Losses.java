package io.tokenflex.testing;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.batches.MicroBatch;
import io.tokenflex.model.ActivationPolicy;
import io.tokenflex.model.Segment;
import io.tokenflex.model.TokenFlexModel;
import java.util.function.Consumer;

/** The loss of a micro-batch as a number. */
public final class Losses {
  private Losses() {}

  /** Adds the gradients of a micro-batch; returns its loss, summed over its supervised tokens. */
  public static double addGradients(
      TokenFlexModel model, MicroBatch batch, ActivationPolicy policy, Consumer<Segment> done) {
    try (NDArray sum = model.manager().zeros(new Shape(), DataType.FLOAT64)) {
      model.addGradients(batch, policy, sum, done);
      return sum.toDoubleArray()[0];
    }
  }
}
