package io.tokenflex.distributed;

import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterServer;
import ai.djl.training.optimizer.Optimizer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Averages the gradients of all ranks and runs a DJL optimizer, on the thread of a step's last
 * update; after it every rank holds the same new parameters.
 *
 * <p>The mean of the ranks' gradients is the gradient of the mean loss over all ranks' batches if
 * these are equally large.
 */
final class AveragingParameterServer implements ParameterServer {
  private final AllReduceParameterServer sums;
  private final int worldSize;
  private final List<String> order;
  private final Optimizer optimizer;

  /** What is left to do for each parameter of this step, once its gradient is reduced. */
  private final Map<String, Runnable> optimizerUpdates = new HashMap<>();

  AveragingParameterServer(
      AllReduceParameterServer sums, int worldSize, List<String> order, Optimizer optimizer) {
    this.sums = sums;
    this.worldSize = worldSize;
    this.order = List.copyOf(order);
    this.optimizer = optimizer;
  }

  @Override
  public void init(String parameterId, NDArray[] values) {
    sums.init(parameterId, values);
  }

  @Override
  public void update(String parameterId, NDArray[] parameters) {
    sums.update(parameterId, parameters);
    whenReduced(
        parameterId,
        () -> {
          try (NDArray gradient = parameters[0].getGradient()) {
            optimize(parameterId, gradient, parameters[0]);
          }
        });
  }

  @Override
  public void update(String parameterId, NDArray[] gradients, NDArray[] parameters) {
    sums.update(parameterId, gradients, parameters);
    whenReduced(parameterId, () -> optimize(parameterId, gradients[0], parameters[0]));
  }

  private void whenReduced(String parameterId, Runnable optimizerUpdate) {
    optimizerUpdates.put(parameterId, optimizerUpdate);
    if (optimizerUpdates.size() == order.size()) {
      sums.finish();
      order.forEach(id -> optimizerUpdates.remove(id).run());
    }
  }

  private void optimize(String parameterId, NDArray gradient, NDArray parameter) {
    gradient.divi(worldSize);
    optimizer.update(parameterId, parameter, gradient);
  }

  @Override
  public void close() {
    sums.close();
  }
}
