package io.tokenflex.jobs.pages.inspect;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A few rejected records of one reason: the first ones, whatever the order they are met in. */
record RejectExamples(List<Example> examples) implements Serializable {
  private static final int MOST = 3;

  /** One rejected record. */
  record Example(String id, String sourceFile, long position, String detail, String valueSample)
      implements Serializable {}

  RejectExamples {
    examples =
        examples.stream()
            .sorted(Comparator.comparing(Example::sourceFile).thenComparingLong(Example::position))
            .limit(MOST)
            .toList();
  }

  RejectExamples plus(RejectExamples other) {
    List<Example> both = new ArrayList<>(examples);
    both.addAll(other.examples);
    return new RejectExamples(both);
  }
}
