package io.tokenflex.samples;

import io.tokenflex.failure.InvalidInputException;
import java.util.Locale;

/** Speaker of a {@link Turn}. */
public enum Role {
  SYSTEM,
  USER,
  ASSISTANT;

  /** The name in shards and chat templates: {@code system}, {@code user}, {@code assistant}. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Parses a wire name.
   *
   * @throws IllegalArgumentException if {@code name} is none of the three
   */
  public static Role ofWireName(String name) {
    for (Role role : values()) {
      if (role.wireName().equals(name)) {
        return role;
      }
    }
    throw new InvalidInputException(
        "Unknown role '" + name + "'; expected one of system, user, assistant");
  }
}
