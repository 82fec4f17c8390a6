package io.tokenflex.jobs.quickstart;

import java.util.List;

/**
 * One step of a {@link Pipeline}.
 *
 * @param name names the stage to people and its mark in the run folder
 * @param inputs every setting that changes the result, as text
 * @param outputs names in the run folder that the stage publishes
 */
public record Stage(String name, String inputs, List<String> outputs, Action action) {
  public Stage {
    outputs = List.copyOf(outputs);
  }

  /** The work of a stage; a stage broken off starts again or resumes, as its job does. */
  @FunctionalInterface
  public interface Action {
    void run() throws Exception;
  }
}
