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
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.storage.LocalStorage;
import io.tokenflex.testing.TinyRun;
import io.tokenflex.testing.TinySamples;
import io.tokenflex.tokens.VisionTokenCount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the host asks PyTorch for in one step, counted by PyTorch's profiler: on a GPU every
 * operator is at least one launch, and every value that is read back a wait. A change that needs
 * more has to say so here.
 */
class StepDispatchTest {
  private static final long STEP = 3;
  private static final int MICRO_BATCHES = 4;

  @TempDir private static Path folder;

  /** Of the step, in the order in which they began. */
  private static List<Operator> operators;

  /** One call of an operator or of a kernel of ours, on the profiler's clock. */
  private record Operator(String name, double start, double end) {
    boolean holds(Operator other) {
      return start <= other.start && other.end <= end;
    }
  }

  @BeforeAll
  static void profileAStep() throws Exception {
    Path trace = folder.resolve("trace.json");
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
        TokenFlexModel model = TokenFlexModel.create(manager, TinyRun.model(), ComputeType.FP32)) {
      new Trainer(
              TinyRun.run(config, new TinySamples(3, 9, 7, 11, 8, 6)),
              new SingleProcessGroup(),
              new Checkpoints(new LocalStorage(folder.resolve("checkpoints")), 1),
              profiler)
          .train(model);
    }
    operators = read(trace);
  }

  private static List<Operator> read(Path trace) throws IOException {
    List<Operator> all = new ArrayList<>();
    for (JsonNode event : new ObjectMapper().readTree(trace.toFile())) {
      double start = event.path("ts").doubleValue();
      all.add(
          new Operator(
              event.path("name").asText(), start, start + event.path("dur").doubleValue()));
    }
    all.sort(Comparator.comparingDouble(Operator::start));
    return all;
  }

  private static long calls(String name) {
    return operators.stream().filter(operator -> operator.name().equals(name)).count();
  }

  /** What asked for each call of an operator: the innermost one that is not of its own kind. */
  private static Map<String, Integer> callersOf(String name) {
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

  @Test
  void aStepAsksForNoMoreThanThis() {
    long all = operators.stream().filter(operator -> operator.name().startsWith("aten::")).count();
    assertThat(all).as("operators, those that call others included").isLessThanOrEqualTo(6872);
    assertThat(calls("aten::mm")).as("matrix products").isLessThanOrEqualTo(142);
    assertThat(calls("aten::_to_copy")).as("casts").isLessThanOrEqualTo(129);
    assertThat(calls("aten::copy_")).as("copies").isLessThanOrEqualTo(217);
    assertThat(calls("aten::_fused_adamw_")).as("updates: decayed parameters, others").isEqualTo(2);
    assertThat(calls("aten::_foreach_norm")).as("passes for the norm").isEqualTo(1);
    assertThat(calls("aten::_foreach_mul_")).as("passes that divide and clip").isEqualTo(1);
  }

  /** AdamW's own count of steps, which on CPUs it reads; on GPUs its kernel does. */
  @Test
  void noKernelReadsAValueBack() {
    assertThat(callersOf("aten::_local_scalar_dense")).containsOnlyKeys("aten::_fused_adamw_");
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
            "TrainStep.readTotalsAndNorm",
            "WeightsChecksum.add");
  }
}
