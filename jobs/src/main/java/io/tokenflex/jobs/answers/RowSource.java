package io.tokenflex.jobs.answers;

import java.io.Closeable;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;

/**
 * Rows to be answered, in groups that do not depend on who reads them. A group at one token count
 * is what is committed at once, so a group holds so many rows as one may lose.
 */
public interface RowSource {
  /**
   * Digest of everything that decides on rows, prompts and groups: answers are found again as long
   * as it stays the same, and only then.
   */
  String fingerprint();

  /** Number of groups. */
  int numGroups();

  /**
   * What reads rows on executors.
   *
   * @param groups that will be read, so that no others need be sent
   */
  Reader reader(Set<Integer> groups);

  /** Opens the rows in a task; sent to executors. */
  @FunctionalInterface
  interface Reader extends Serializable {
    Rows open(Configuration hadoop) throws IOException;
  }

  /** The rows, opened by one task. */
  interface Rows extends Closeable {
    /** The rows of a group, always the same in the same order; none is allowed. */
    List<PromptRow> read(int group) throws IOException;
  }
}
