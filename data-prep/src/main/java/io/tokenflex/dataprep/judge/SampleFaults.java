package io.tokenflex.dataprep.judge;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How many samples cannot be trained on, with a few of them; those of parts add up to those of the
 * whole, in whatever order.
 */
public final class SampleFaults implements Serializable {
  private static final long serialVersionUID = 1;

  /** Named at most: more explain no more. */
  public static final int MAX_EXAMPLES = 5;

  private static final int MAX_REASON_CHARS = 500;

  private long checked;
  private long bad;
  private String failure;

  /** What is wrong by sample: the first by id, so that the same dataset has the same examples. */
  private final TreeMap<String, String> examples = new TreeMap<>();

  /** Nothing looked at yet. */
  public SampleFaults() {}

  /**
   * What was found before.
   *
   * @param examples what is wrong by id
   */
  public SampleFaults(long checked, long bad, Map<String, String> examples) {
    this.checked = checked;
    this.bad = bad;
    this.examples.putAll(examples);
  }

  /** Counts a sample that can be trained on. */
  public void addGood() {
    checked++;
  }

  /** Counts one that cannot. */
  public void addBad(String id, String reason) {
    checked++;
    bad++;
    keep(id, reason);
  }

  private void keep(String id, String reason) {
    examples.put(
        id,
        reason.length() <= MAX_REASON_CHARS
            ? reason
            : reason.substring(0, MAX_REASON_CHARS) + "...");
    if (examples.size() > MAX_EXAMPLES) {
      examples.pollLastEntry();
    }
  }

  /** Notes that some samples could not be looked at, and why; the first reason stays. */
  public void addFailure(String reason) {
    failure = failure == null ? reason : failure;
  }

  /** Adds another part to this one. */
  public SampleFaults plus(SampleFaults other) {
    checked += other.checked;
    bad += other.bad;
    other.examples.forEach(this::keep);
    if (other.failure != null) {
      addFailure(other.failure);
    }
    return this;
  }

  /** Samples that were looked at. */
  public long checked() {
    return checked;
  }

  /** Of them, those that cannot be trained on. */
  public long bad() {
    return bad;
  }

  /** Why some were not looked at, if so. */
  public Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  /** What is wrong with a few of them, a sentence each that names the sample. */
  public List<String> examples() {
    return new ArrayList<>(examples.values());
  }

  /** The same by id. */
  public Map<String, String> examplesById() {
    return Collections.unmodifiableMap(examples);
  }
}
