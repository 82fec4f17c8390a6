package io.tokenflex.dataprep.verify;

import java.io.Serializable;

/**
 * A fault in a dataset.
 *
 * @param file path within the dataset folder
 * @param place within the file; empty for the file as a whole
 */
public record Fault(String file, String place, String problem) implements Serializable {
  @Override
  public String toString() {
    return place.isEmpty() ? file + ": " + problem : file + ", " + place + ": " + problem;
  }
}
