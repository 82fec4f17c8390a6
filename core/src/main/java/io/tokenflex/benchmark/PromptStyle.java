package io.tokenflex.benchmark;

import io.tokenflex.failure.InvalidInputException;
import java.util.Locale;

/** Whose prompts: numbers of one model in two styles are two measurements. */
public enum PromptStyle {
  /** The benchmark's own in VLMEvalKit. */
  BENCHMARK,
  /** Of VLMEvalKit's LLaVA wrapper, which has prompts of its own for choices only. */
  LLAVA,
  /** Of VLMEvalKit's InternVL wrapper. */
  INTERNVL;

  /**
   * By its name in configurations.
   *
   * @throws InvalidInputException for any other name
   */
  public static PromptStyle named(String name) {
    for (PromptStyle style : values()) {
      if (style.toString().equals(name)) {
        return style;
      }
    }
    throw new InvalidInputException(
        "style is '" + name + "'; expected benchmark, llava or internvl");
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
