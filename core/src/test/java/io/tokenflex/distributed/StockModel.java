package io.tokenflex.distributed;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterServer;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.Dataset;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.translate.TranslateException;
import io.tokenflex.kernels.HostMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/**
 * A model of DJL's own parts that trains over processes, as docs/training.md shows it; the {@link
 * #main} is one of them.
 */
final class StockModel {
  static final int GLOBAL_BATCH = 8;
  static final int STEPS = 20;
  static final double LEARNING_RATE = 0.1;
  static final double MOMENTUM = 0.9;
  private static final int FEATURES = 5;
  private static final int CLASSES = 3;

  private StockModel() {}

  // docs/training.md: join
  /** Meets the other processes in a folder that all see; every meeting needs a fresh one. */
  static ProcessGroup join(Path meetingPlace, int rank, int worldSize) {
    Duration timeout = Duration.ofMinutes(1); // of joining, and of every exchange
    FileRendezvous meeting = new FileRendezvous(meetingPlace, rank, worldSize, timeout);
    return TcpRingProcessGroup.join(meeting, "127.0.0.1", 0, timeout);
  }

  // docs/training.md: end

  // docs/training.md: train
  /** Trains this process's replica of {@code block} on its share of the data. */
  static void train(ProcessGroup group, NDManager manager, Block block, Dataset share)
      throws IOException, TranslateException {
    List<Parameter> parameters = block.getParameters().values();
    List<String> trained =
        parameters.stream().filter(Parameter::requiresGradient).map(Parameter::getId).toList();
    Optimizer optimizer =
        Optimizer.sgd().setLearningRateTracker(Tracker.fixed(0.1f)).optMomentum(0.9f).build();
    Loss loss = Loss.softmaxCrossEntropyLoss();
    Device device = manager.getDevice();
    ParameterStore store = new ParameterStore(manager, false);
    try (ParameterServer server = AllReduceParameterServer.averaging(group, trained, optimizer)) {
      store.setParameterServer(server, new Device[] {device});
      for (Parameter parameter : parameters) {
        store.getValue(parameter, device, true); // rank 0's values become everybody's
      }
      for (Batch batch : share.getData(manager)) {
        try (batch;
            GradientCollector collector = manager.getEngine().newGradientCollector()) {
          NDList predictions = block.forward(store, batch.getData(), true);
          collector.backward(loss.evaluate(batch.getLabels(), predictions));
        }
        store.updateAllParameters(); // averages over all ranks, then runs the optimizer
      }
    }
  }

  // docs/training.md: end

  /** Trains as one rank, on the rows {@code [from, to)} of every global batch. */
  static float[] trainOn(ProcessGroup group, int from, int to)
      throws IOException, TranslateException {
    Engine.getEngine("PyTorch").setRandomSeed(11 + group.rank()); // every rank starts elsewhere
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      Block block =
          new SequentialBlock()
              .add(Linear.builder().setUnits(16).build())
              .add(Activation::tanh)
              .add(Linear.builder().setUnits(CLASSES).build());
      block.initialize(manager, DataType.FLOAT32, new Shape(to - from, FEATURES));
      train(group, manager, block, rows(manager, from, to));
      return weights(block);
    }
  }

  /** A batch of {@code to - from} rows for every step. */
  private static Dataset rows(NDManager manager, int from, int to) {
    Random random = new Random(5);
    int numRows = STEPS * (to - from);
    FloatBuffer features = FloatBuffer.allocate(numRows * FEATURES);
    FloatBuffer classes = FloatBuffer.allocate(numRows);
    for (int row = 0; row < STEPS * GLOBAL_BATCH; row++) {
      float[] x = new float[FEATURES];
      for (int i = 0; i < FEATURES; i++) {
        x[i] = random.nextFloat() * 2 - 1;
      }
      int inBatch = row % GLOBAL_BATCH;
      if (inBatch >= from && inBatch < to) {
        features.put(x);
        classes.put(x[0] * x[1] > 0.1 ? 0 : x[2] > x[3] * x[4] ? 1 : 2);
      }
    }
    return new ArrayDataset.Builder()
        .setData(manager.create(features.array(), new Shape(numRows, FEATURES)))
        .optLabels(manager.create(classes.array()))
        .setSampling(to - from, false)
        .build();
  }

  private static float[] weights(Block block) {
    List<NDArray> arrays =
        block.getParameters().values().stream().map(Parameter::getArray).toList();
    int size = Math.toIntExact(arrays.stream().mapToLong(NDArray::size).sum());
    FloatBuffer weights = FloatBuffer.allocate(size);
    arrays.forEach(array -> weights.put(HostMemory.floats(array)));
    return weights.array();
  }

  /** A process: RANK WORLD_SIZE MEETING_PLACE RESULT; writes its trained weights. */
  public static void main(String[] args) throws IOException, TranslateException {
    int rank = Integer.parseInt(args[0]);
    int worldSize = Integer.parseInt(args[1]);
    Path meetingPlace = Path.of(args[2]);
    try (ProcessGroup group = join(meetingPlace, rank, worldSize)) {
      int share = GLOBAL_BATCH / worldSize;
      float[] weights = trainOn(group, rank * share, (rank + 1) * share);
      ByteBuffer bytes = ByteBuffer.allocate(weights.length * Float.BYTES);
      bytes.asFloatBuffer().put(weights);
      Files.write(Path.of(args[3]), bytes.array());
    }
  }
}
