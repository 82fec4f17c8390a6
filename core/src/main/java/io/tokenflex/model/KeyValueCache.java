package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.kernels.KernelLibrary;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values of all previous positions of several sequences, per decoder layer, each of shape
 * (B, K, Tmax, H) in the compute type. A sequence fills a row from its start.
 */
final class KeyValueCache {
  /**
   * Tmax is a multiple, so that every sequence begins at the same alignment, which libraries of
   * matrix products may choose their code by.
   */
  private static final int POSITIONS = 16;

  private final List<NDArray> keys = new ArrayList<>();
  private final List<NDArray> values = new ArrayList<>();

  /**
   * Allocates a cache.
   *
   * @param like an array on the device that the cache is to be on
   * @param capacity positions that the longest sequence needs
   */
  KeyValueCache(
      NDManager owner,
      KernelLibrary kernels,
      NDArray like,
      LanguageConfig config,
      ComputeType type,
      int numSequences,
      int capacity) {
    long positions = (capacity + POSITIONS - 1L) / POSITIONS * POSITIONS;
    long[] shape = {numSequences, config.numKeyValueHeads(), positions, config.headDim()};
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      keys.add(kernels.call(owner, "key_value_cache", like, shape, type));
      values.add(kernels.call(owner, "key_value_cache", like, shape, type));
    }
  }

  NDArray keys(int layer) {
    return keys.get(layer);
  }

  NDArray values(int layer) {
    return values.get(layer);
  }
}
