package io.tokenflex.dataprep.record;

import java.io.Serializable;
import java.util.Comparator;

/**
 * Position of a record in the input.
 *
 * @param file number of the input file in this run, from 0
 * @param position index of the record in the file, from 0
 */
public record Place(int file, long position) implements Comparable<Place>, Serializable {
  private static final Comparator<Place> ORDER =
      Comparator.comparingInt(Place::file).thenComparingLong(Place::position);

  @Override
  public int compareTo(Place other) {
    return ORDER.compare(this, other);
  }
}
