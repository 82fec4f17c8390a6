package io.tokenflex.jobs.quickstart;

import java.io.IOException;
import java.util.List;

/**
 * One step of a {@link Pipeline}.
 *
 * @param name shown to users; also the name of the marker file in the run folder
 * @param inputs all settings that affect the result, as text
 * @param outputs paths in the run folder that the stage publishes
 */
public record Stage(String name, String inputs, Outputs outputs, Action action) {
  /** A stage whose outputs always have the same names. */
  public Stage(String name, String inputs, List<String> outputs, Action action) {
    this(name, inputs, () -> outputs, action);
  }

  /** Names of what a stage writes, as they are known now. */
  @FunctionalInterface
  public interface Outputs {
    List<String> names() throws IOException;
  }

  /**
   * The work of a stage. After an interruption it is run again, and resumes if the job supports it.
   */
  @FunctionalInterface
  public interface Action {
    void run() throws Exception;
  }
}
