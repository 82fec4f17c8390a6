package io.tokenflex.samples;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/**
 * A dataset that training reads by row group, the unit of input order.
 *
 * <p>Row counts are known without reading samples, so that the order can be computed. Not
 * thread-safe.
 */
public interface SampleSource extends Closeable {
  /** A digest that changes whenever a sample or its position changes; stored in checkpoints. */
  String fingerprint();

  /** Number of row groups over all shards. */
  int numRowGroups();

  /** Number of samples in a row group; at least 1. */
  int numRows(int rowGroup);

  /**
   * Reads all samples of a row group, in stored order.
   *
   * @throws IOException if the shard cannot be read or is damaged; the message names shard and row
   *     group
   */
  List<Sample> readRowGroup(int rowGroup) throws IOException;
}
