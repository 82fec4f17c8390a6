package io.tokenflex.model;

import java.util.ArrayList;
import java.util.List;

/** Hugging Face labels (aligned with the ids, -100 ignored) as the rows that predict them. */
@SuppressWarnings("ArrayRecordComponent")
record SupervisedRows(long[] rows, long[] targets) {
  static SupervisedRows of(long[] labels, int length) {
    List<Long> rows = new ArrayList<>();
    List<Long> targets = new ArrayList<>();
    for (int i = 0; i < labels.length; i++) {
      if (i % length != 0 && labels[i] != -100) {
        rows.add(i - 1L);
        targets.add(labels[i]);
      }
    }
    return new SupervisedRows(
        rows.stream().mapToLong(Long::longValue).toArray(),
        targets.stream().mapToLong(Long::longValue).toArray());
  }
}
