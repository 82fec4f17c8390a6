package io.tokenflex.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterServer;
import ai.djl.training.ParameterStore;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import io.tokenflex.kernels.GradMode;
import io.tokenflex.testing.Ranks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AllReduceParameterServerTest {
  private static final int STEPS = 3;

  /** Samples of one rank's batch. */
  private static final int BATCH = 4;

  @Test
  void aStockBlockTrainsOnTwoRanksAsOnOneWithTheMeanGradient() {
    List<List<float[]>> two =
        Ranks.run(2, group -> train(group, inputs(group.rank() * BATCH, BATCH)));
    List<float[]> one = train(new SingleProcessGroup(), inputs(0, 2 * BATCH));

    for (int i = 0; i < one.size(); i++) {
      assertThat(two.get(1).get(i)).as("parameter %d on rank 1", i).isEqualTo(two.get(0).get(i));
      assertThat(two.get(0).get(i))
          .as("parameter %d", i)
          .containsExactly(one.get(i), within(1e-6f));
    }
  }

  /** Rows {@code [from, from + count)} of the data. */
  private static float[] inputs(int from, int count) {
    Random random = new Random(5);
    float[] values = new float[(from + count) * 5];
    IntStream.range(0, values.length).forEach(i -> values[i] = random.nextFloat() - 0.5f);
    return Arrays.copyOfRange(values, from * 5, values.length);
  }

  private static List<float[]> train(ProcessGroup group, float[] inputs) {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      NDArray x = manager.create(inputs, new Shape(inputs.length / 5, 5));
      Block block =
          new SequentialBlock()
              .add(Linear.builder().setUnits(4).build())
              .add(Linear.builder().setUnits(3).build());
      block.initialize(manager, DataType.FLOAT32, x.getShape());
      List<Parameter> parameters = block.getParameters().values();
      start(parameters, group.rank());
      Optimizer sgd = Optimizer.sgd().setLearningRateTracker(Tracker.fixed(0.1f)).build();
      List<String> order = parameters.stream().map(Parameter::getId).toList();
      ParameterStore store = new ParameterStore(manager, false);
      try (ParameterServer server = AllReduceParameterServer.averaging(group, order, sgd)) {
        store.setParameterServer(server, new Device[] {Device.cpu()});
        for (Parameter parameter : parameters) { // rank 0's values, in the same order everywhere
          store.getValue(parameter, Device.cpu(), true);
        }
        for (int step = 0; step < STEPS; step++) {
          parameters.forEach(p -> JniUtils.zeroGrad((PtNDArray) p.getArray()));
          backward(block, store, x);
          store.updateAllParameters();
        }
      }
      return parameters.stream().map(p -> p.getArray().toFloatArray()).toList();
    }
  }

  /** Every rank starts elsewhere: that all end alike proves the broadcast too. */
  private static void start(List<Parameter> parameters, int rank) {
    Random random = new Random(rank);
    for (Parameter parameter : parameters) {
      NDArray array = parameter.getArray();
      float[] values = new float[(int) array.size()];
      IntStream.range(0, values.length).forEach(i -> values[i] = random.nextFloat() - 0.5f);
      try (NDArray source = array.getManager().create(values, array.getShape())) {
        GradMode.off(
            () -> {
              source.copyTo(array);
              return null;
            });
      }
    }
  }

  /** Mean over the samples of the squared outputs. DJL's own collector allows one rank per JVM. */
  private static void backward(Block block, ParameterStore store, NDArray x) {
    GradMode.recording(
        () -> {
          NDArray y = block.forward(store, new NDList(x), true).singletonOrThrow();
          NDArray loss = y.square().sum().div(x.getShape().get(0));
          NDArray one = loss.getManager().ones(loss.getShape());
          JniUtils.backward((PtNDArray) loss, (PtNDArray) one, false, false);
          return null;
        });
  }

  /** Remembers what it reduced; fails where it is told to. */
  private static final class FakeGroup implements ProcessGroup {
    private final List<Long> reducedSizes = new ArrayList<>();
    private final long failAtSize;
    private CollectiveException failure;

    FakeGroup(long failAtSize) {
      this.failAtSize = failAtSize;
    }

    @Override
    public int rank() {
      return 0;
    }

    @Override
    public int worldSize() {
      return 1;
    }

    @Override
    public void startAllReduceSum(NDArray values) {
      if (values.size() == failAtSize) {
        failure = new CollectiveException("rank 3 left", null);
      }
      reducedSizes.add(values.size());
    }

    @Override
    public void finish() {
      if (failure != null) {
        throw failure;
      }
    }

    @Override
    public void broadcast(NDArray values) {}

    @Override
    public List<byte[]> allGather(byte[] message) {
      return List.of(message);
    }

    @Override
    public void close() {}
  }

  /** Hands over a parameter of {@code size} elements. */
  private static void handOver(ParameterServer server, NDManager manager, String id, int size) {
    NDArray[] gradient = {manager.ones(new Shape(size))};
    server.update(id, gradient, new NDArray[] {manager.zeros(new Shape(size))});
  }

  @Test
  void reductionsComeInTheGivenOrderHoweverParametersAreHandedOver() {
    FakeGroup group = new FakeGroup(-1);
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        AllReduceParameterServer server =
            new AllReduceParameterServer(group, List.of("a", "b", "c"))) {
      for (int step = 0; step < 2; step++) {
        handOver(server, manager, "c", 3);
        handOver(server, manager, "a", 1);
        handOver(server, manager, "b", 2);
        server.finish();
      }
    }
    assertThat(group.reducedSizes).containsExactly(1L, 2L, 3L, 1L, 2L, 3L);
  }

  @Test
  void unknownAndRepeatedParametersAreErrors() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        AllReduceParameterServer server =
            new AllReduceParameterServer(new FakeGroup(-1), List.of("a", "b"))) {
      assertThatThrownBy(() -> handOver(server, manager, "z", 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Parameter z is unknown in this step; expected each of [a, b] once");
      handOver(server, manager, "b", 1);
      assertThatThrownBy(() -> handOver(server, manager, "b", 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Parameter b is handed over twice in this step; expected each of [a, b] once");
    }
  }

  @Test
  void aStepDoesNotEndWithoutEveryGradient() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        AllReduceParameterServer server =
            new AllReduceParameterServer(new FakeGroup(-1), List.of("a", "b", "c"))) {
      handOver(server, manager, "b", 1);
      assertThatThrownBy(server::finish)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("The step ends without gradients of [a, c]");
    }
  }

  @Test
  void severalCopiesOfAParameterAreAnError() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        AllReduceParameterServer server =
            new AllReduceParameterServer(new FakeGroup(-1), List.of("a"))) {
      NDArray[] copies = {manager.zeros(new Shape(1)), manager.zeros(new Shape(1))};
      assertThatThrownBy(() -> server.update("a", copies, copies))
          .hasMessage("Parameter a has 2 copies; one process trains on one device");
    }
  }

  @Test
  void aFailedReductionSurfacesWhereTheStepEnds() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        AllReduceParameterServer server =
            new AllReduceParameterServer(new FakeGroup(1), List.of("a", "b"))) {
      handOver(server, manager, "a", 1);
      handOver(server, manager, "b", 2);
      assertThatThrownBy(server::finish)
          .isInstanceOf(CollectiveException.class)
          .hasMessage("rank 3 left");
    }
  }

  @Test
  void theOptimizerRunsInTheLastUpdateOfAStepAndNotAfterAFailedReduction() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      NDArray[] parameter = {manager.zeros(new Shape(2))};
      NDArray[] gradient = {manager.ones(new Shape(2))};
      try (ParameterServer server = averaging(new FakeGroup(-1))) {
        server.update("b", gradient, parameter);
        assertThat(parameter[0].toFloatArray()).containsOnly(0);
        handOver(server, manager, "a", 1);
        assertThat(parameter[0].toFloatArray()).containsOnly(-0.5f);
      }
      try (ParameterServer server = averaging(new FakeGroup(1))) {
        server.update("b", gradient, parameter);
        assertThatThrownBy(() -> handOver(server, manager, "a", 1))
            .isInstanceOf(CollectiveException.class)
            .hasMessage("rank 3 left");
      }
      assertThat(parameter[0].toFloatArray()).containsOnly(-0.5f);
    }
  }

  private static ParameterServer averaging(ProcessGroup group) {
    Optimizer sgd = Optimizer.sgd().setLearningRateTracker(Tracker.fixed(0.5f)).build();
    return AllReduceParameterServer.averaging(group, List.of("a", "b"), sgd);
  }
}
