package io.tokenflex.config;

import java.util.List;

/**
 * One key of a configuration, as {@link ConfigBinder} takes it.
 *
 * @param path names joined by dots; {@code inputs[]} stands for every element of a list, {@code *}
 *     for every key of a map
 * @param type what the value must be, in words
 * @param isRequired whether the section that holds it must have it
 * @param isSection whether its value is a section with keys of its own
 * @param sameAs path of a section that has the same keys, which are then not listed again; empty if
 *     none was listed before
 * @param variants values of the section's key {@code type} with which the key is taken; empty if it
 *     always is
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
