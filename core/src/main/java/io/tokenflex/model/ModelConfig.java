package io.tokenflex.model;

import static java.util.Objects.requireNonNull;

/** Configuration of a TokenFLEX model. */
public record ModelConfig(VisionConfig vision, ProjectorConfig projector, LanguageConfig language) {
  public ModelConfig {
    requireNonNull(vision, "vision");
    requireNonNull(projector, "projector");
    requireNonNull(language, "language");
  }
}
