package io.tokenflex.samples;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;

/** One message of a conversation; {@link Sample#IMAGE_MARK} in its text stands for an image. */
public record Turn(Role role, String text) implements Serializable {
  public Turn {
    requireNonNull(role, "role");
    requireNonNull(text, "text");
  }
}
