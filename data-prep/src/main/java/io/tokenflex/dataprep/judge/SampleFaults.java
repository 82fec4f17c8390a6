package io.tokenflex.dataprep.judge;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Counts samples that cannot be trained on and keeps a few examples. Results of parts can be merged
 * in any order.
 */
public final class SampleFaults implements Serializable {
  private static final long serialVersionUID = 1;

  /** Maximum number of examples. */
  public static final int MAX_EXAMPLES = 5;

  private static final int MAX_REASON_CHARS = 500;

  private long checked;
  private long bad;
  private String failure;

  /** Reasons by sample id; the smallest ids are kept, so that the examples are deterministic. */
  private final TreeMap<String, String> examples = new TreeMap<>();

  /** Creates an empty result. */
  public SampleFaults() {}

  /**
   * Restores a result.
   *
   * @param examples reasons by sample id
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

  /** Counts a sample that cannot. */
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

  /** Records why some samples could not be judged; the first reason is kept. */
  public void addFailure(String reason) {
    failure = failure == null ? reason : failure;
  }

  /** Merges another result into this one. */
  public SampleFaults plus(SampleFaults other) {
    checked += other.checked;
    bad += other.bad;
    other.examples.forEach(this::keep);
    if (other.failure != null) {
      addFailure(other.failure);
    }
    return this;
  }

  /** Number of judged samples. */
  public long checked() {
    return checked;
  }

  /** Number of judged samples that cannot be trained on. */
  public long bad() {
    return bad;
  }

  /** Why some samples were not judged, if so. */
  public Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  /** Examples, each a sentence that names the sample and the reason. */
  public List<String> examples() {
    return new ArrayList<>(examples.values());
  }

  /** Reasons by sample id. */
  public Map<String, String> examplesById() {
    return Collections.unmodifiableMap(examples);
  }
}
