package io.tokenflex.dataprep.input;

import java.io.Serializable;
import java.util.BitSet;
import java.util.Map;

/**
 * Which records of a split are already in the dataset; records are numbered from 0.
 *
 * @param present records that are in the dataset unchanged
 * @param copies by record that is not, the number of equal samples in the dataset
 */
public record HeldRecords(BitSet present, Map<Integer, Integer> copies) implements Serializable {
  public static final HeldRecords NONE = new HeldRecords(new BitSet(), Map.of());

  public HeldRecords {
    present = (BitSet) present.clone();
    copies = Map.copyOf(copies);
  }

  public int numPresent() {
    return present.cardinality();
  }
}
