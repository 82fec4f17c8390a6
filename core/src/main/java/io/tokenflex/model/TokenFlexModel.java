package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.batches.MicroBatch;
import io.tokenflex.batches.Pixels;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.kernels.DeviceCopies;
import io.tokenflex.kernels.GradMode;
import io.tokenflex.kernels.HostArrays;
import io.tokenflex.kernels.HostMemory;
import io.tokenflex.kernels.KernelLibrary;
import io.tokenflex.kernels.KernelVariant;
import io.tokenflex.tokens.VisionTokenCount;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A TokenFLEX model on one device: computes loss and gradients, or next-token logits, of images and
 * text at any number of vision tokens.
 *
 * <p>Not thread-safe. Owns its weights and frees them on {@link #close}.
 */
public final class TokenFlexModel implements AutoCloseable {
  private final ModelConfig config;
  private final ComputeType computeType;
  private final KernelVariant variant;
  private final NDManager manager;
  private final KernelLibrary kernels;
  private final DeviceCopies copies;
  private final PixelValues pixelValues;
  private final VisionTower vision;
  private final Projector projector;
  private final LanguageModel language;
  private final ParameterArena parameters;
  private LowRankAdapters adapters;

  private TokenFlexModel(
      NDManager manager, ModelConfig config, ComputeType type, KernelVariant variant) {
    this.config = config;
    this.computeType = type;
    this.variant = variant;
    this.manager = manager;
    this.kernels = KernelLibrary.load(manager, variant);
    this.copies = new DeviceCopies(kernels, manager);
    this.pixelValues = new PixelValues(manager, kernels, copies, config.vision().imageSize());
    this.vision = new VisionTower(manager, kernels, config.vision(), type);
    this.projector = new Projector(manager, kernels, config, type);
    this.language = new LanguageModel(manager, kernels, config.language(), type);
    List<Segment> segments = new ArrayList<>();
    vision.layers().forEach(layer -> segments.add(layer.segment()));
    segments.add(projector.segment());
    segments.add(language.embeddings());
    segments.addAll(language.segmentsAfterEmbeddings());
    this.parameters = new ParameterArena(segments);
  }

  /**
   * Creates a model on the device of {@code parent} with all weights zero, to be initialized or
   * loaded.
   */
  public static TokenFlexModel create(NDManager parent, ModelConfig config, ComputeType type) {
    return create(parent, config, type, KernelVariant.of(parent.getDevice()));
  }

  /** As above, with kernels in a variant that may be another device's. */
  public static TokenFlexModel create(
      NDManager parent, ModelConfig config, ComputeType type, KernelVariant variant) {
    return new TokenFlexModel(parent.newSubManager(), config, type, variant);
  }

  /** All parameters of a model with this configuration, in storage order; allocates nothing. */
  public static List<ParameterSpec> parameterSpecs(ModelConfig config) {
    return segmentSpecs(config).values().stream().flatMap(List::stream).toList();
  }

  /** As above, by segment name, in forward order. */
  public static Map<String, List<ParameterSpec>> segmentSpecs(ModelConfig config) {
    Map<String, SegmentLayout> layouts = new LinkedHashMap<>(VisionTower.layouts(config.vision()));
    layouts.put(Projector.NAME, Projector.layout(config));
    layouts.putAll(LanguageModel.layouts(config.language()));
    Map<String, List<ParameterSpec>> specs = new LinkedHashMap<>();
    layouts.forEach((name, layout) -> specs.put(name, layout.specs()));
    return specs;
  }

  /** Number of parameters; tied tables count once. */
  public static long numParameters(ModelConfig config) {
    return parameterSpecs(config).stream().mapToLong(spec -> spec.shape().size()).sum();
  }

  public ModelConfig config() {
    return config;
  }

  /** Compute type of matrix products. */
  public ComputeType computeType() {
    return computeType;
  }

  public ParameterArena parameters() {
    return parameters;
  }

  /**
   * Adds low-rank adapters, all zero, to linear layers, which are frozen.
   *
   * @param weights names of the weights to adapt
   * @param scale s of {@link LowRankAdapters}
   * @throws IllegalArgumentException if one of them is not the weight of a linear layer
   * @throws IllegalStateException if a segment is already trained or the model already has adapters
   */
  public LowRankAdapters addAdapters(Set<String> weights, int rank, double scale) {
    if (adapters != null) {
      throw new IllegalStateException("The model has adapters already");
    }
    adapters = new LowRankAdapters(manager, kernels, parameters.segments(), weights, rank, scale);
    return adapters;
  }

  public Optional<LowRankAdapters> adapters() {
    return Optional.ofNullable(adapters);
  }

  /** Owns the weights; parent of the managers of single steps. */
  public NDManager manager() {
    return manager;
  }

  public KernelLibrary kernels() {
    return kernels;
  }

  /**
   * Forward and backward pass: adds the gradients of the batch's loss, summed over its supervised
   * tokens, to the segments' gradients.
   *
   * <p>Nothing is read back, so the host does not wait for the device.
   *
   * @param lossSum fp64, 0-dim: the summed loss is added to it
   * @param done called once with each segment, in backward order, as soon as its gradients are
   *     complete
   */
  public void addGradients(
      MicroBatch batch, ActivationPolicy policy, NDArray lossSum, Consumer<Segment> done) {
    try (NDManager step = manager.newSubManager();
        Tape visionTape = new Tape(kernels, step, policy);
        Tape languageTape = new Tape(kernels, step, policy)) {
      NDArray[] indices =
          copies.of(
              step,
              batch.inputIds(),
              batch.visionPositions(),
              batch.supervisedRows(),
              batch.targets());
      NDArray ids_BT = kernels.call(step, "view", indices[0], 0, idsShape(batch).getShape());
      NDArray at = indices[1];
      NDList vision_IVD = new NDList();
      if (batch.numImages() > 0) {
        NDArray x = pixelValues.of(step, batch.pixels(), batch.numImages());
        for (Layer layer : visionLayers(batch.visionTokens()).toList()) {
          x = visionTape.applyOrSkip(layer, x);
        }
        vision_IVD.add(x);
      }
      NDArray embedded_BTD = GradMode.off(() -> language.embed(step, ids_BT, vision_IVD, at));
      NDArray x = embedded_BTD;
      RotaryTable.Rotation rotation = language.rotary().upTo(step, batch.sequenceLength());
      for (Layer layer : language.layers(rotation)) {
        x = languageTape.apply(layer, x);
      }
      NDArray[] lossAndGradient = language.lossAndGradient(step, x, indices[2], indices[3]);
      done.accept(language.head());
      boolean visionTrains = visionLayers(batch.visionTokens()).anyMatch(l -> l.segment().trains());
      boolean inputNeedsGradient = language.embeddings().trains() || visionTrains;
      NDArray dx_BTD = languageTape.backward(lossAndGradient[1], inputNeedsGradient, done);
      if (inputNeedsGradient) {
        NDArray dVision_IVD =
            GradMode.off(() -> language.embedBackward(step, dx_BTD, ids_BT, at, batch.numImages()));
        done.accept(language.embeddings());
        if (dVision_IVD != null && visionTrains) {
          visionTape.backward(dVision_IVD, false, done);
        } else {
          reversed(visionLayers(batch.visionTokens()).toList())
              .forEach(layer -> done.accept(layer.segment()));
        }
      }
      kernels.run("add_loss_", lossSum, lossAndGradient[0]);
    }
  }

  /** Trained segments, including those of adapters, in forward order. */
  public List<Segment> trainedSegments() {
    return parameters.segments().stream().flatMap(segment -> segment.trained().stream()).toList();
  }

  /** Trained segments in the order in which {@link #addGradients} completes them. */
  public List<Segment> trainedSegmentsInBackwardOrder() {
    return reversed(trainedSegments());
  }

  /**
   * Makes the model ready for many passes without gradients: weights of matrix products are kept in
   * the compute type, on a CPU in the order in which oneDNN reads them, and the fp32 weights are
   * freed. {@link #parameters} can no longer be read or changed, and nothing can be trained.
   *
   * @throws IllegalStateException if a segment trains
   */
  public void pack() {
    GradMode.off(
        () -> {
          segmentsBeforeText().forEach(s -> s.pack(computeType, ParameterSpec::isLinear));
          language.pack(manager);
          return null;
        });
  }

  /**
   * Runs passes that share one cast of the weights of matrix products to the compute type, where
   * that is better than to cast them in every product. The weights must not change meanwhile.
   */
  public void castingOnce(Runnable passes) {
    if (!variant.castsOnce() || computeType == ComputeType.FP32) {
      passes.run();
      return;
    }
    try (NDManager ofCopies = manager.newSubManager()) {
      GradMode.off(
          () -> {
            segmentsBeforeText()
                .forEach(s -> s.giveCopies(ofCopies, computeType, ParameterSpec::isLinear));
            language.giveCopies(ofCopies);
            return null;
          });
      passes.run();
    } finally {
      segmentsBeforeText().forEach(Segment::giveWeights);
      language.giveWeights();
    }
  }

  private List<Segment> segmentsBeforeText() {
    return Stream.concat(
            vision.layers().stream().map(Layer::segment), Stream.of(projector.segment()))
        .toList();
  }

  /**
   * Starts generation: runs the prompts and caches their keys and values.
   *
   * @param maxNewTokens number of new positions to allocate for every prompt
   */
  public DecodingState startDecoding(List<DecoderPrompt> prompts, int maxNewTokens) {
    return GradMode.off(() -> new DecodingState(this, language, prompts, maxNewTokens));
  }

  /**
   * Features_IPD of the vision tower, which do not depend on the number of vision tokens.
   *
   * @param owner of the result
   * @param pixels of so many images
   */
  public NDArray encodeImages(NDManager owner, Pixels pixels, int images) {
    return GradMode.off(() -> apply(owner, vision.layers(), pixelValues.of(owner, pixels, images)));
  }

  /** Vision tokens of features_IPD: the projector's output, shape (I, V, D). */
  public NDArray project(NDManager owner, NDArray features_IPD, VisionTokenCount count) {
    return GradMode.off(() -> projector.at(count).forward(owner, features_IPD));
  }

  /** Embeddings of tokens, row after row; length ids x decoder hidden size. */
  public float[] embeddings(long[] ids) {
    try (NDManager pass = manager.newSubManager()) {
      NDArray ids_1T = HostArrays.of(pass, ids, new Shape(1, ids.length));
      NDArray nowhere = HostArrays.of(pass, new long[0]);
      return GradMode.off(
          () -> HostMemory.floats(language.embed(pass, ids_1T, new NDList(), nowhere)));
    }
  }

  private static NDArray apply(NDManager owner, List<Layer> layers, NDArray input) {
    NDArray x = input;
    for (Layer layer : layers) {
      NDArray y = layer.forward(owner, x);
      x.close();
      x = y;
    }
    return x;
  }

  private Stream<Layer> visionLayers(VisionTokenCount count) {
    return Stream.concat(vision.layers().stream(), Stream.of(projector.at(count)));
  }

  static Shape idsShape(MicroBatch batch) {
    return new Shape(batch.batchSize(), batch.sequenceLength());
  }

  private static <T> List<T> reversed(List<T> list) {
    List<T> copy = new ArrayList<>(list);
    Collections.reverse(copy);
    return copy;
  }

  @Override
  public void close() {
    kernels.close();
    manager.close();
  }
}
