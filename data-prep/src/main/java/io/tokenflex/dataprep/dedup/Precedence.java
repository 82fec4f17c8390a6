package io.tokenflex.dataprep.dedup;

import java.io.Serializable;
import java.util.Comparator;

/**
 * Decides which of two duplicates is kept: the smaller one.
 *
 * @param generation 0 for samples of an existing dataset, 1 for new ones
 * @param file number of the input file
 * @param position index within the file
 */
public record Precedence(int generation, int file, long position)
    implements Comparable<Precedence>, Serializable {
  private static final long serialVersionUID = 1;

  private static final Comparator<Precedence> ORDER =
      Comparator.comparingInt(Precedence::generation)
          .thenComparingInt(Precedence::file)
          .thenComparingLong(Precedence::position);

  @Override
  public int compareTo(Precedence other) {
    return ORDER.compare(this, other);
  }
}
