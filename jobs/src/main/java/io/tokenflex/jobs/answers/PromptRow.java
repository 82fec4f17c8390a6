package io.tokenflex.jobs.answers;

import static java.util.Objects.requireNonNull;

import io.tokenflex.generate.Prompt;
import java.util.Map;
import java.util.Optional;

/**
 * One row to be answered.
 *
 * @param id tells the rows of a source apart
 * @param carried texts that stand beside the answer as they are, for instance what is expected
 * @param prompt what the model is asked; empty if the row is broken
 * @param problem why a broken row cannot be asked, else empty
 */
public record PromptRow(
    String id, Map<String, String> carried, Optional<Prompt> prompt, String problem) {
  public PromptRow {
    requireNonNull(id, "id");
    carried = Map.copyOf(carried);
  }

  /** A row that can be asked, as far as its source can tell. */
  public static PromptRow of(String id, Map<String, String> carried, Prompt prompt) {
    return new PromptRow(id, carried, Optional.of(prompt), "");
  }

  /** A row that its source could not make a prompt of. */
  public static PromptRow broken(String id, Map<String, String> carried, String problem) {
    return new PromptRow(id, carried, Optional.empty(), problem);
  }
}
