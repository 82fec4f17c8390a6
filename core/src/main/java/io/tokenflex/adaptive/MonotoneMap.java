package io.tokenflex.adaptive;

import io.tokenflex.failure.InvalidInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * A step function that never rises: isotonic regression by pooling adjacent violators (Ayer et al.
 * 1955; Zadrozny and Elkan 2002 calibrate with it).
 *
 * @param from where each step begins, ascending; the first holds below its beginning too
 * @param values of the steps, falling
 */
record MonotoneMap(List<Double> from, List<Double> values) {
  MonotoneMap {
    from = List.copyOf(from);
    values = List.copyOf(values);
    if (from.isEmpty() || from.size() != values.size()) {
      throw new InvalidInputException(
          from.size()
              + " beginnings but "
              + values.size()
              + " steps; expected one each, at least 1");
    }
  }

  /** A run of points that share a value. */
  private record Block(double from, double sum, int size) {
    double mean() {
      return sum / size;
    }

    Block with(Block next) {
      return new Block(from, sum + next.sum, size + next.size);
    }
  }

  /**
   * The falling step function with the least squared distance from points.
   *
   * @param x at least one
   * @param y as many
   */
  static MonotoneMap fit(double[] x, double[] y) {
    Integer[] order = new Integer[x.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> x[i]));
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < order.length; ) {
      Block block = new Block(x[order[i]], 0, 0);
      for (; i < order.length && x[order[i]] == block.from(); i++) { // equal x have one value
        block = block.with(new Block(block.from(), y[order[i]], 1));
      }
      while (!blocks.isEmpty() && blocks.get(blocks.size() - 1).mean() <= block.mean()) {
        block = blocks.remove(blocks.size() - 1).with(block);
      }
      blocks.add(block);
    }
    return new MonotoneMap(
        blocks.stream().map(Block::from).toList(), blocks.stream().map(Block::mean).toList());
  }

  /** The value at a place. */
  double at(double x) {
    int step = 0;
    while (step + 1 < from.size() && from.get(step + 1) <= x) {
      step++;
    }
    return values.get(step);
  }

  /** Whether the value is nowhere above a limit. */
  boolean isAtMost(double limit) {
    return values.get(0) <= limit;
  }

  /** From where on the value is at most a limit; NaN if it is nowhere. */
  double firstAtMost(double limit) {
    for (int step = 0; step < from.size(); step++) {
      if (values.get(step) <= limit) {
        return from.get(step);
      }
    }
    return Double.NaN;
  }
}
