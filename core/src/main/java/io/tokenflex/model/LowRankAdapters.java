package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.kernels.KernelLibrary;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Low-rank adapters (LoRA, Hu et al. 2021, arXiv 2106.09685) of linear layers: a layer with base
 * weights W, shape (out, in), computes with W' = W + s B A, where A, shape (rank, in), and B, shape
 * (out, rank), are trained and W is frozen.
 *
 * <p>Kernels see only W'. It is recomputed from W, which is kept separately, after every update, so
 * rounding errors do not accumulate. The gradient of W' is computed in full and projected: dA = s
 * Bᵀ dW', dB = s dW' Aᵀ. A and B form segments of their own, one per model segment with adapted
 * layers, so that clipping, optimizer and all-reduce handle only them.
 */
public final class LowRankAdapters {
  private final List<SegmentAdapters> bySegment = new ArrayList<>();

  /**
   * Creates adapters with A and B zero.
   *
   * @param adapted names of the adapted weights
   */
  LowRankAdapters(
      NDManager manager,
      KernelLibrary kernels,
      List<Segment> segments,
      Set<String> adapted,
      int rank,
      double scale) {
    Map<Segment, List<ParameterSpec>> specs = new LinkedHashMap<>();
    for (Segment segment : segments) {
      List<ParameterSpec> ofSegment =
          segment.specs().stream().filter(spec -> adapted.contains(spec.name())).toList();
      if (!ofSegment.isEmpty()) {
        specs.put(segment, ofSegment);
      }
    }
    List<ParameterSpec> all = specs.values().stream().flatMap(List::stream).toList();
    if (all.size() != adapted.size() || !all.stream().allMatch(ParameterSpec::isLinear)) {
      throw new InvalidInputException(
          "Not all of these are weights of the model's linear layers: " + adapted);
    }
    long scratchElements =
        specs.entrySet().stream()
            .mapToLong(entry -> SegmentAdapters.scratchElements(entry.getKey(), entry.getValue()))
            .max()
            .orElse(0);
    NDArray scratch = manager.zeros(new Shape(scratchElements), DataType.FLOAT32);
    specs.forEach(
        (segment, ofSegment) -> {
          SegmentAdapters adapters =
              new SegmentAdapters(manager, kernels, segment, ofSegment, rank, scale, scratch);
          segment.adapt(adapters);
          bySegment.add(adapters);
        });
  }

  /** The segments of A and B, in forward order. */
  public List<Segment> segments() {
    return bySegment.stream().map(SegmentAdapters::parameters).toList();
  }

  /** Initializes A uniformly and B to zero, as PEFT does; deterministic for a given seed. */
  public void initialize(long seed) {
    segments().forEach(segment -> segment.initialize(seed));
  }

  /**
   * Copies the model's current weights as base weights W, then merges. Call once, after base
   * weights and adapters are loaded.
   */
  public void attach() {
    bySegment.forEach(SegmentAdapters::keepBase);
    merge();
  }

  /** Sets the model's weights to W' = W + s B A. Call after every change of A or B. */
  public void merge() {
    bySegment.forEach(SegmentAdapters::merge);
  }
}
