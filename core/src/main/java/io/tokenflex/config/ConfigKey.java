package io.tokenflex.config;

import java.util.List;

/**
 * Description of one key that {@link ConfigBinder} accepts.
 *
 * @param path dotted path; {@code inputs[]} stands for every element of a list, {@code *} for every
 *     key of a map
 * @param type readable name of the value's type
 * @param isRequired whether the enclosing section must contain the key
 * @param isSection whether the value is a section with keys of its own
 * @param sameAs path of an earlier section with the same keys, which are then not repeated; else
 *     empty
 * @param variants values of the section's {@code type} that allow this key; empty if all do
 */
public record ConfigKey(
    String path,
    String type,
    boolean isRequired,
    boolean isSection,
    String sameAs,
    List<String> variants) {
  public ConfigKey {
    variants = List.copyOf(variants);
  }
}
