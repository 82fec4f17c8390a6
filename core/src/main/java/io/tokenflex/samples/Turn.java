package io.tokenflex.samples;

import static java.util.Objects.requireNonNull;

/** One message of a conversation; {@link Sample#IMAGE_MARK} marks the place of each image. */
public record Turn(Role role, String text) {
  public Turn {
    requireNonNull(role, "role");
    requireNonNull(text, "text");
  }
}
