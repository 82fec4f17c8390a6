package io.tokenflex.model;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.Expect;

/**
 * Configuration of the token-adaptive projector.
 *
 * @param intermediateSize inner width of the SwiGLU; the published model has 3 x visionHiddenSize
 */
public record ProjectorConfig(int intermediateSize, double layerNormEps, Pooling pooling) {
  public ProjectorConfig {
    Expect.atLeastOne("projector.intermediateSize", intermediateSize);
    requireNonNull(pooling, "pooling");
  }
}
