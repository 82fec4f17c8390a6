package io.tokenflex.model;

import static java.util.Objects.requireNonNull;

/** Shape of a whole TokenFLEX model. */
public record ModelConfig(VisionConfig vision, ProjectorConfig projector, LanguageConfig language) {
  public ModelConfig {
    requireNonNull(vision, "vision");
    requireNonNull(projector, "projector");
    requireNonNull(language, "language");
  }
}
