package io.tokenflex.jobs.pages.inspect;

import io.tokenflex.failure.InvalidInputException;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * How often values of 0 and more occur, in bounded memory however many there are: values below 2048
 * are told apart, larger ones to a thousandth. Histograms of parts add up to that of the whole.
 */
final class Histogram implements Serializable {
  private static final long serialVersionUID = 1;

  /** Larger values share their bucket with those that agree in this many leading bits. */
  private static final int LEADING_BITS = 11;

  /** Numbers of values by the least value of their bucket. */
  private final Map<Long, Long> buckets = new HashMap<>();

  private long count;
  private double sum;
  private long min = Long.MAX_VALUE;
  private long max = Long.MIN_VALUE;

  void add(long value) {
    if (value < 0) {
      throw new InvalidInputException("A histogram counts from 0 on but was given " + value);
    }
    int shift = Math.max(0, Long.SIZE - Long.numberOfLeadingZeros(value) - LEADING_BITS);
    buckets.merge(value >> shift << shift, 1L, Long::sum);
    count++;
    sum += value;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }

  void addAll(Histogram other) {
    other.buckets.forEach((bucket, number) -> buckets.merge(bucket, number, Long::sum));
    count += other.count;
    sum += other.sum;
    min = Math.min(min, other.min);
    max = Math.max(max, other.max);
  }

  boolean isEmpty() {
    return count == 0;
  }

  long count() {
    return count;
  }

  double sum() {
    return sum;
  }

  double mean() {
    return count == 0 ? 0 : sum / count;
  }

  long min() {
    return count == 0 ? 0 : min;
  }

  long max() {
    return count == 0 ? 0 : max;
  }

  /** The value that a fraction of all is at or below; to a thousandth. */
  long quantile(double fraction) {
    long before = 0;
    for (Map.Entry<Long, Long> bucket : new TreeMap<>(buckets).entrySet()) {
      before += bucket.getValue();
      if (before >= fraction * count) {
        return Math.max(min(), bucket.getKey());
      }
    }
    return max();
  }

  /** Number of values in each bin; what lies outside counts in the outermost. */
  long[] counts(Bins bins) {
    long[] counts = new long[bins.size()];
    buckets.forEach((bucket, number) -> counts[bins.indexOf(Math.max(min, bucket))] += number);
    return counts;
  }
}
