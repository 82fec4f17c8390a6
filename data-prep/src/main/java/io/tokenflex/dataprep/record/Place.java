package io.tokenflex.dataprep.record;

import java.io.Serializable;
import java.util.Comparator;

/**
 * Where a record stood in the input.
 *
 * @param file number of the input file in this run, counted from 0
 * @param position place in the file, counted from 0 over all its records
 */
public record Place(int file, long position) implements Comparable<Place>, Serializable {
  private static final Comparator<Place> ORDER =
      Comparator.comparingInt(Place::file).thenComparingLong(Place::position);

  @Override
  public int compareTo(Place other) {
    return ORDER.compare(this, other);
  }
}
