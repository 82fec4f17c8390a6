package io.tokenflex.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.tokenflex.checkpoint.Checkpoints;
import io.tokenflex.distributed.SingleProcessGroup;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.kernels.HostMemory;
import io.tokenflex.kernels.KernelVariant;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.storage.LocalStorage;
import io.tokenflex.testing.TinyRun;
import io.tokenflex.testing.TinySamples;
import io.tokenflex.tokens.VisionTokenCount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * What the host asks PyTorch for in one step, counted by PyTorch's profiler: on a GPU every
 * operator is at least one launch, and every value that is read back a wait. A change that needs
 * more has to say so here.
 */
class StepDispatchTest {
  private static final long STEP = 3;
  private static final int MICRO_BATCHES = 4;

  @TempDir private static Path folder;

  /** A step in one precision, as one kind of device computes it, and what it may ask for. */
  private record Computed(
      String name,
      ComputeType type,
      KernelVariant variant,
      int operators,
      int batchedProducts,
      int casts,
      int copies) {
    @Override
    public String toString() {
      return name;
    }
  }

  /**
   * Without heads in groups, which PyTorch computes on CPUs by other operators than on GPUs, where
   * it takes one and no repeating.
   */
  private static final KernelVariant GPU =
      new KernelVariant(
          KernelVariant.GPU.widensBf16(),
          KernelVariant.GPU.attendsByProducts(),
          false,
          KernelVariant.GPU.castsOnce());

  private static final List<Computed> ALL =
      List.of(
          new Computed("fp32", ComputeType.FP32, KernelVariant.PROCESSOR, 6355, 0, 111, 179),
          new Computed(
              "bf16-on-a-processor",
              ComputeType.BF16,
              KernelVariant.BF16_PROCESSOR,
              9043,
              94,
              500,
              682),
          new Computed("bf16-on-a-gpu", ComputeType.BF16, GPU, 7081, 0, 380, 448));

  private static final Map<Computed, Step> STEPS = new HashMap<>();

  /** One call of an operator or of a kernel of ours, on the profiler's clock. */
  private record Operator(String name, double start, double end) {
    boolean holds(Operator other) {
      return start <= other.start && other.end <= end;
    }
  }

  /** The operators of a step, in the order in which they began. */
  private record Step(List<Operator> operators) {
    int calls(String name) {
      return (int) operators.stream().filter(operator -> operator.name().equals(name)).count();
    }

    /**
     * Of PyTorch's own, those that call others included, but not what a batched product calls,
     * which depends on the processor.
     */
    int calls() {
      List<Operator> batched =
          operators.stream().filter(operator -> operator.name().equals("aten::bmm")).toList();
      return (int)
          operators.stream()
              .filter(operator -> operator.name().startsWith("aten::"))
              .filter(
                  operator ->
                      batched.stream().noneMatch(b -> !b.equals(operator) && b.holds(operator)))
              .count();
    }

    /** What asked for each call of an operator: the innermost one that is not of its own kind. */
    Map<String, Integer> callersOf(String name) {
      Map<String, Integer> callers = new TreeMap<>();
      for (Operator call : operators) {
        if (call.name().equals(name)) {
          operators.stream()
              .filter(other -> other.holds(call))
              .filter(other -> !other.name().equals(name) && !other.name().equals("aten::item"))
              .max(Comparator.comparingDouble(Operator::start))
              .ifPresent(caller -> callers.merge(caller.name(), 1, Integer::sum));
        }
      }
      return callers;
    }
  }

  @BeforeAll
  static void profileSteps() throws Exception {
    for (Computed computed : ALL) {
      STEPS.put(computed, profiled(computed));
    }
  }

  private static Step profiled(Computed computed) throws Exception {
    Path trace = folder.resolve(computed + ".json");
    TrainingListener profiler =
        new TrainingListener() {
          @Override
          public void batchRead(long step, VisionTokenCount count, List<String> sampleIds) {
            if (step == STEP) {
              JniUtils.startProfile(false, false, false);
            }
          }

          @Override
          public void stepDone(StepMetrics metrics) {
            if (metrics.step() == STEP + 1) {
              JniUtils.stopProfile(trace.toString());
            }
          }
        };
    TrainConfig config = TinyRun.config(STEP + 1, 8 / MICRO_BATCHES, STEP + 1);
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TokenFlexModel model =
            TokenFlexModel.create(manager, TinyRun.model(), computed.type, computed.variant)) {
      new Trainer(
              TinyRun.run(config, new TinySamples(3, 9, 7, 11, 8, 6)),
              new SingleProcessGroup(),
              new Checkpoints(new LocalStorage(folder.resolve(computed + "-checkpoints")), 1),
              profiler)
          .train(model);
    }
    return read(trace);
  }

  private static Step read(Path trace) throws IOException {
    List<Operator> all = new ArrayList<>();
    for (JsonNode event : new ObjectMapper().readTree(trace.toFile())) {
      double start = event.path("ts").doubleValue();
      all.add(
          new Operator(
              event.path("name").asText(), start, start + event.path("dur").doubleValue()));
    }
    all.sort(Comparator.comparingDouble(Operator::start));
    return new Step(all);
  }

  @ParameterizedTest
  @FieldSource("ALL")
  void aStepAsksForNoMoreThanThis(Computed computed) {
    Step step = STEPS.get(computed);
    assertThat(step.calls())
        .as("operators, those that call others included")
        .isLessThanOrEqualTo(computed.operators);
    assertThat(step.calls("aten::mm")).as("matrix products").isLessThanOrEqualTo(142);
    assertThat(step.calls("aten::bmm"))
        .as("products of attention")
        .isLessThanOrEqualTo(computed.batchedProducts);
    assertThat(step.calls("aten::_to_copy")).as("casts").isLessThanOrEqualTo(computed.casts);
    assertThat(step.calls("aten::copy_")).as("copies").isLessThanOrEqualTo(computed.copies);
    assertThat(step.calls("aten::_fused_adamw_"))
        .as("updates: decayed parameters, others")
        .isEqualTo(2);
    assertThat(step.calls("aten::_foreach_norm")).as("passes for the norm").isEqualTo(1);
    assertThat(step.calls("aten::_foreach_mul_")).as("passes that divide and clip").isZero();
  }

  /** AdamW's own count of steps, which on CPUs it reads; on GPUs its kernel does. */
  @ParameterizedTest
  @FieldSource("ALL")
  void noKernelReadsAValueBack(Computed computed) {
    assertThat(STEPS.get(computed).callersOf("aten::_local_scalar_dense"))
        .containsOnlyKeys("aten::_fused_adamw_");
  }

  /** Who reads tensors back, of all that a step may call. */
  @Test
  void aStepReadsOnce() {
    Set<String> readers =
        new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(
                    "io.tokenflex.train",
                    "io.tokenflex.model",
                    "io.tokenflex.optimizer",
                    "io.tokenflex.distributed",
                    "io.tokenflex.nccl")
                .stream()
                .flatMap(type -> type.getMethodCallsFromSelf().stream())
                .filter(call -> call.getTargetOwner().isEquivalentTo(HostMemory.class))
                .filter(
                    call -> !call.getName().equals("buffers")) // of CPU tensors: nothing is awaited
                .map(
                    call ->
                        call.getOriginOwner().getSimpleName() + "." + call.getOrigin().getName())
                .collect(Collectors.toCollection(TreeSet::new));
    assertThat(readers)
        .as(
            "generation and the choice of counts; digests before the first step; the first sum over NCCL; the step")
        .containsExactly(
            "DecodingState.finite",
            "DecodingState.mostLikely",
            "LanguageModel.logProbabilities",
            "LanguageModel.margins",
            "ParameterArena.digest",
            "SumCheck.expect",
            "TokenFlexModel.embeddings",
            "TrainStep.updateAndRead",
            "WeightsChecksum.add");
  }
}
