package io.tokenflex.distributed;

import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterServer;
import ai.djl.training.optimizer.Optimizer;
import io.tokenflex.failure.InvalidInputException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * DJL's parameter server as an all-reduce between processes: {@link #init} broadcasts a parameter,
 * {@link #update} starts the reduction of a gradient, {@link #finish} waits for all of a step.
 * Clipping and the optimizer are the caller's; {@link #averaging} runs one by itself.
 *
 * <p>Collectives must come in the same order on every rank, but DJL hands parameters over in the
 * order of a hash map keyed by random ids. So the server is told the order once: a reduction starts
 * as soon as all before it in that order have been handed over, while the caller goes on computing.
 */
public final class AllReduceParameterServer implements ParameterServer {
  private final ProcessGroup group;
  private final List<String> order;
  private final Map<String, NDArray> handedOver = new HashMap<>();
  private final List<NDArray> ownedGradients = new ArrayList<>();
  private int started;

  /**
   * A server for the parameters {@code order}, reduced in that order.
   *
   * @param order every parameter id once; best the order in which gradients become ready
   */
  public AllReduceParameterServer(ProcessGroup group, List<String> order) {
    this.group = group;
    this.order = List.copyOf(order);
  }

  /**
   * A server that averages gradients and runs a DJL optimizer in the last update of a step: for any
   * DJL {@code Block}, whose {@code ParameterStore} knows no end of a step.
   *
   * @param order as above, of all parameters that train
   */
  public static ParameterServer averaging(
      ProcessGroup group, List<String> order, Optimizer optimizer) {
    return new AveragingParameterServer(
        new AllReduceParameterServer(group, order), group.worldSize(), order, optimizer);
  }

  /** Overwrites the values with rank 0's; every rank calls it in the same order. */
  @Override
  public void init(String parameterId, NDArray[] values) {
    for (NDArray value : values) {
      group.broadcast(value);
    }
  }

  /**
   * As DJL's {@code ParameterStore} calls it: the gradients are this server's until the step ends.
   */
  @Override
  public void update(String parameterId, NDArray[] parameters) {
    NDArray gradient = single(parameterId, parameters).getGradient();
    ownedGradients.add(gradient);
    update(parameterId, new NDArray[] {gradient}, parameters);
  }

  /**
   * Hands over one parameter's finished gradient, which {@link #finish} leaves summed over all
   * ranks.
   *
   * @throws IllegalArgumentException if the parameter is unknown or was handed over in this step
   */
  @Override
  public void update(String parameterId, NDArray[] gradients, NDArray[] parameters) {
    NDArray gradient = single(parameterId, gradients);
    if (!order.contains(parameterId) || handedOver.put(parameterId, gradient) != null) {
      throw new InvalidInputException(
          "Parameter %s is %s this step; expected each of %s once"
              .formatted(
                  parameterId,
                  order.contains(parameterId) ? "handed over twice in" : "unknown in",
                  order));
    }
    while (started < order.size() && handedOver.containsKey(order.get(started))) {
      group.startAllReduceSum(handedOver.get(order.get(started++)));
    }
  }

  /**
   * Ends a step: returns when every gradient is the sum over all ranks.
   *
   * @throws IllegalStateException if a parameter was not handed over
   * @throws CollectiveException if a reduction failed
   */
  public void finish() {
    if (started < order.size()) {
      throw new IllegalStateException(
          "The step ends without gradients of "
              + order.stream().filter(id -> !handedOver.containsKey(id)).toList());
    }
    group.finish();
    ownedGradients.forEach(NDArray::close);
    ownedGradients.clear();
    handedOver.clear();
    started = 0;
  }

  private static NDArray single(String parameterId, NDArray[] arrays) {
    if (arrays.length != 1) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "Parameter %s has %d copies; one process trains on one device",
              parameterId,
              arrays.length));
    }
    return arrays[0];
  }

  /** The process group stays open, unless a step was broken off: sums are under way then. */
  @Override
  public void close() {
    if (started > 0) {
      group.close();
    }
  }
}
