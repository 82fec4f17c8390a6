package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;

/** Keys and values of all previous positions, per decoder layer, each of shape (B, K, Tmax, H). */
final class KeyValueCache {
  private final List<NDArray> keys = new ArrayList<>();
  private final List<NDArray> values = new ArrayList<>();
  private final int capacity;
  private int length;

  KeyValueCache(NDManager owner, LanguageConfig config, int batchSize, int capacity) {
    this.capacity = capacity;
    Shape shape = new Shape(batchSize, config.numKeyValueHeads(), capacity, config.headDim());
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      keys.add(owner.zeros(shape, DataType.FLOAT32));
      values.add(owner.zeros(shape, DataType.FLOAT32));
    }
  }

  NDArray keys(int layer) {
    return keys.get(layer);
  }

  NDArray values(int layer) {
    return values.get(layer);
  }

  /** Number of filled positions. */
  int length() {
    return length;
  }

  int capacity() {
    return capacity;
  }

  /** Advances the length after every layer has written {@code positions} positions. */
  void advance(int positions) {
    length += positions;
  }
}
