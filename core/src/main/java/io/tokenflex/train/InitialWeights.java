package io.tokenflex.train;

import io.tokenflex.model.ParameterArena;
import java.io.IOException;

/**
 * Fills a model that has no checkpoint yet, or that adapters train beside. Rank 0's values are then
 * everybody's.
 */
@FunctionalInterface
public interface InitialWeights {
  /**
   * Fills every parameter.
   *
   * @throws IOException if weights cannot be read
   * @throws IllegalArgumentException if they do not fit the model
   */
  void fill(ParameterArena parameters) throws IOException;

  /** Training from scratch: random values, a pure function of the seed and the names. */
  static InitialWeights random(long seed) {
    return parameters -> parameters.initialize(seed);
  }
}
