package io.tokenflex.dataprep.input;

import java.io.Serializable;
import java.util.BitSet;
import java.util.Map;

/**
 * What a dataset holds of the records of one split, which are counted from 0 as they are read.
 *
 * @param present those that it holds unchanged
 * @param copies how many samples it holds that are equal to a further copy of them
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
