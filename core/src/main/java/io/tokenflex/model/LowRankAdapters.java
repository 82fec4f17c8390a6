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
 * Low-rank adapters (LoRA, Hu et al. 2021, arXiv 2106.09685) of a model's linear layers: a layer of
 * weight W, shape (out, in), computes with W' = W + s B A, where A, shape (rank, in), and B, shape
 * (out, rank), train and W does not.
 *
 * <p>The kernels know nothing of it. The model's weights are W', made anew of W, which is kept
 * aside, after every update, so no rounding accumulates; and the gradient of W' is computed in full
 * and then projected: dA = s Bᵀ dW', dB = s dW' Aᵀ. A and B are segments of their own, one for each
 * of the model's that has adapted layers, so clipping, optimizer and all-reduce see only them.
 */
public final class LowRankAdapters {
  private final List<SegmentAdapters> bySegment = new ArrayList<>();

  /**
   * Adds adapters, all zero.
   *
   * @param adapted names of the weights
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

  /** The segments of A and B, in the order of the model's segments. */
  public List<Segment> segments() {
    return bySegment.stream().map(SegmentAdapters::parameters).toList();
  }

  /** A uniform and B zero, as PEFT starts them; a pure function of the seed and the names. */
  public void initialize(long seed) {
    segments().forEach(segment -> segment.initialize(seed));
  }

  /**
   * Takes the model's weights for W, keeps a copy, and merges: once, when base and adapters are
   * loaded.
   */
  public void attach() {
    bySegment.forEach(SegmentAdapters::keepBase);
    merge();
  }

  /** Makes the model's weights W' = W + s B A: after every change of A or B. */
  public void merge() {
    bySegment.forEach(SegmentAdapters::merge);
  }
}
