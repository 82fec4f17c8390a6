package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.kernels.HostArrays;
import java.util.Map;
import java.util.Random;

/** What tests of single layers share. */
final class LayerPass {
  private LayerPass() {}

  static NDArray normal(NDManager manager, Random random, Shape shape) {
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return HostArrays.of(manager, values, shape);
  }

  /** Root mean square of the difference, by that of the exact values. */
  static double distance(float[] values, float[] exact) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < exact.length; i++) {
      difference += Math.pow(values[i] - exact[i], 2);
      norm += Math.pow(exact[i], 2);
    }
    return Math.sqrt(difference / norm);
  }

  /** All values of all arrays, one after the other. */
  static float[] together(Map<String, float[]> arrays) {
    float[] all = new float[arrays.values().stream().mapToInt(values -> values.length).sum()];
    int at = 0;
    for (float[] values : arrays.values()) {
      System.arraycopy(values, 0, all, at, values.length);
      at += values.length;
    }
    return all;
  }
}
