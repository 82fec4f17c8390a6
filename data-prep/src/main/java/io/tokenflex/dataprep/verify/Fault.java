package io.tokenflex.dataprep.verify;

import java.io.Serializable;

/**
 * Something in a dataset that is not as it should be.
 *
 * @param file within the dataset folder
 * @param place within the file; empty for the file as a whole
 */
public record Fault(String file, String place, String problem) implements Serializable {
  @Override
  public String toString() {
    return place.isEmpty() ? file + ": " + problem : file + ", " + place + ": " + problem;
  }
}
