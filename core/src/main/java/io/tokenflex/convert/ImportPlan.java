package io.tokenflex.convert;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.lora.PeftAdapter;
import io.tokenflex.model.ModelConfig;
import io.tokenflex.model.ParameterSpec;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.model.VisionConfig;
import io.tokenflex.names.NameTable;
import io.tokenflex.random.SeededHash;
import io.tokenflex.safetensors.Listed;
import io.tokenflex.safetensors.SafetensorsFolder;
import io.tokenflex.safetensors.TensorInfo;
import io.tokenflex.safetensors.TensorProblems;
import io.tokenflex.safetensors.TensorSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Maps published tensors to the model's parameters; complete and validated before any value is
 * read.
 */
final class ImportPlan {
  private static final String PROJECTOR = "projector.";
  private static final String POSITIONS = "vision_model.embeddings.position_embedding.weight";
  private static final List<String> VOCABULARY = List.of(TiedTables.EMBEDDINGS, TiedTables.HEAD);

  private final ModelConfig config;
  private final VisionConfig publishedVision;
  private final List<Source> sources;
  private final boolean newProjector;
  private final boolean headFromTable;
  private final int publishedVocabSize;
  private final long seed;
  private final Map<String, Found> found = new LinkedHashMap<>();
  private final List<TensorSource> tensors = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  /** A parameter found in a published tensor: {@code shape} elements starting at {@code offset}. */
  private record Found(
      Source source,
      String published,
      long offset,
      List<Long> shape,
      Optional<AdapterFit.Change> change) {
    float[] read() throws IOException {
      long count = shape.stream().reduce(1L, Math::multiplyExact);
      float[] values = source.folder().readWeights(published, offset, Math.toIntExact(count));
      return change.isPresent() ? change.get().apply(offset, values) : values;
    }

    long rows() {
      return shape.get(0);
    }

    boolean hasWidth(long width) {
      return shape.size() == 2 && shape.get(1) == width;
    }
  }

  /** A folder of published tensors, its name table, and the adapter to merge into it. */
  record Source(SafetensorsFolder folder, NameTable names, Optional<PeftAdapter> adapter) {
    Source(SafetensorsFolder folder, NameTable names) {
      this(folder, names, Optional.empty());
    }

    Source named(NameTable others) {
      return new Source(folder, others, adapter);
    }

    Source merging(PeftAdapter other) {
      return new Source(folder, names, Optional.of(other));
    }
  }

  private ImportPlan(ModelConfig config, PublishedModel published, long seed) {
    this.config = config;
    this.publishedVision = published.vision();
    this.sources = published.sources();
    this.newProjector = published.projector().isEmpty();
    this.headFromTable = published.headFromTable();
    this.publishedVocabSize = published.language().vocabSize();
    this.seed = seed;
  }

  /**
   * Creates the plan.
   *
   * @param config the model to create; its image size and vocabulary may differ from the published
   *     ones
   * @param seed initializes a new projector, if the published one is not imported
   * @throws IllegalArgumentException naming all missing, unexpected and misshapen tensors together
   */
  static ImportPlan of(ModelConfig config, PublishedModel published, long seed) {
    ImportPlan plan = new ImportPlan(config, published, seed);
    TensorProblems problems = new TensorProblems();
    plan.sources.forEach(source -> plan.collect(source, problems));
    TokenFlexModel.parameterSpecs(config).forEach(spec -> plan.add(spec, problems));
    if (!problems.isEmpty()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: %d tensors do not fit the configuration: %s",
              plan.sources.stream().map(source -> source.folder().toString()).toList(),
              problems.size(),
              problems));
    }
    return plan;
  }

  /** All parameters of the model. */
  List<TensorSource> tensors() {
    return List.copyOf(tensors);
  }

  /** Readable notes on what was interpolated, extended, newly initialized or left out. */
  List<String> notes() {
    return List.copyOf(notes);
  }

  private void collect(Source source, TensorProblems problems) {
    Optional<AdapterFit> fit =
        source.adapter().map(adapter -> new AdapterFit(adapter, source.names(), problems));
    fit.map(AdapterFit::leftOut)
        .filter(names -> !names.isEmpty())
        .ifPresent(names -> notes.add("left out of the adapter: " + Listed.of(names)));
    for (TensorInfo tensor : source.folder().tensors().values()) {
      NameTable.Row row = source.names().find(tensor.name()).orElse(null);
      if (row == null) {
        problems.unexpected(tensor.name(), tensor.shape());
        continue;
      }
      if (row.ours().isEmpty()) {
        continue;
      }
      if (!tensor.elementType().fitsFloat()) {
        problems.add(
            "%s holds %s, not F32, F16 or BF16".formatted(tensor.name(), tensor.elementType()));
      }
      List<Long> shape;
      try {
        long[] published = tensor.shape().stream().mapToLong(Long::longValue).toArray();
        shape = Arrays.stream(row.ourShape(published)).boxed().toList();
      } catch (IllegalArgumentException e) {
        problems.add(e.getMessage());
        continue;
      }
      Optional<AdapterFit.Change> change = fit.map(f -> f.change(row, tensor, problems));
      long each = shape.stream().reduce(1L, Math::multiplyExact);
      for (int i = 0; i < row.ours().size(); i++) {
        Found before =
            found.put(row.ours().get(i), new Found(source, tensor.name(), i * each, shape, change));
        if (before != null) {
          problems.add(
              "%s and %s are both %s"
                  .formatted(before.published(), tensor.name(), row.ours().get(i)));
        }
      }
    }
    if (headFromTable && !found.containsKey(TiedTables.HEAD)) {
      splitTables(fit, problems);
    }
  }

  /**
   * Creates a separate LM head when an adapter changed only one of the tied embedding table and LM
   * head.
   */
  private void splitTables(Optional<AdapterFit> fit, TensorProblems problems) {
    Found table = found.get(TiedTables.EMBEDDINGS);
    NameTable.Row row = new NameTable.Row(TiedTables.HEAD, List.of(TiedTables.HEAD));
    if (table != null) {
      TensorInfo tensor = table.source().folder().tensors().get(table.published());
      Optional<AdapterFit.Change> change = fit.map(f -> f.change(row, tensor, problems));
      found.put(
          TiedTables.HEAD,
          new Found(table.source(), table.published(), table.offset(), table.shape(), change));
      notes.add(
          "LM head: no longer the embedding table, because the adapter changes one of them alone");
    }
  }

  private void add(ParameterSpec spec, TensorProblems problems) {
    List<Long> shape = Arrays.stream(spec.shape().getShape()).boxed().toList();
    Found tensor = found.get(spec.name());
    TensorSource.Values values;
    if (tensor != null && tensor.shape().equals(shape)) {
      values = tensor::read;
    } else if (tensor == null && newProjector && spec.name().startsWith(PROJECTOR)) {
      values =
          () ->
              spec.initialization()
                  .values(spec.shape(), SeededHash.of(seed, spec.name()).toRandom());
      if (notes.stream().noneMatch(note -> note.startsWith("projector"))) {
        notes.add("projector: new, from seed " + seed + "; train it first");
      }
    } else if (tensor != null && spec.name().equals(POSITIONS) && isAnotherGrid(tensor)) {
      int leading = publishedVision.numLeadingTokens();
      int from = publishedVision.gridSide();
      int to = config.vision().gridSide();
      values = () -> PositionEmbeddings.interpolate(tensor.read(), leading, from, to);
      notes.add(
          String.format(
              Locale.ROOT,
              "position embeddings: interpolated from %d x %d to %d x %d patches",
              from,
              from,
              to,
              to));
    } else if (tensor != null && VOCABULARY.contains(spec.name()) && isShorter(tensor, shape)) {
      int vocabSize = Math.toIntExact(shape.get(0));
      int width = Math.toIntExact(shape.get(1));
      values = () -> TokenRows.extendedTo(vocabSize, tensor.read(), width);
      notes.add(
          String.format(
              Locale.ROOT,
              "%s: %d rows added, each the mean of the others",
              spec.name(),
              vocabSize - tensor.rows()));
    } else if (tensor == null) {
      problems.missing(spec.name(), published(spec.name()), shape);
      return;
    } else {
      problems.add(
          "%s is %s, the model has %s %s"
              .formatted(tensor.published(), tensor.shape(), spec.name(), shape));
      return;
    }
    tensors.add(new TensorSource(spec.name(), shape, values));
  }

  private String published(String our) {
    return sources.stream()
        .flatMap(source -> source.names().findOurs(our).stream())
        .map(NameTable.Row::published)
        .findFirst()
        .orElse(our);
  }

  private boolean isAnotherGrid(Found tensor) {
    return tensor.hasWidth(config.vision().hiddenSize())
        && tensor.rows() == publishedVision.numLeadingTokens() + publishedVision.numPatches()
        && publishedVision.gridSide() != config.vision().gridSide();
  }

  /**
   * Whether rows for added tokens must be appended. False for a table that does not cover even the
   * published vocabulary: that file is damaged.
   */
  private boolean isShorter(Found tensor, List<Long> shape) {
    return tensor.hasWidth(shape.get(1))
        && tensor.rows() == publishedVocabSize
        && tensor.rows() < shape.get(0);
  }
}
