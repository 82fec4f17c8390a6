package io.tokenflex.jobs.config;

import io.tokenflex.failure.InvalidInputException;

/**
 * Where a run lives and what its randomness starts from.
 *
 * @param dir folder of everything the run writes; any Hadoop path
 * @param seed of sample order, token counts and weight initialisation
 */
public record RunSection(String dir, long seed) {
  public RunSection {
    if (dir.isBlank()) {
      throw new InvalidInputException("dir is empty; expected a folder such as runs/first");
    }
  }
}
