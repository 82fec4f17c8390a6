package io.tokenflex.jobs.device;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.Device;
import io.tokenflex.cuda.GpuCheck;
import io.tokenflex.cuda.PyTorchLibrary;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.config.StageGpus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/**
 * Which device a task computes on: the GPU that Spark gave it, else the CPU. Never DJL's default
 * device, which is the CPU where DJL does not find CUDA's runtime, and GPU 0 for every executor of
 * a node where it does.
 */
public final class DeviceAssignment {
  private static final int SMI_TIMEOUT_SECONDS = 30;

  private DeviceAssignment() {}

  /**
   * The device of a task, once PyTorch is loaded; a GPU only if it can compute on it.
   *
   * @param needsBf16 whether a GPU has to multiply bf16 itself
   * @throws InvalidInputException if PyTorch does not load, or a GPU is wanted that is not there or
   *     is of no use, with the root cause
   */
  public static Device of(TaskContext context, boolean needsBf16) {
    int wanted = SparkEnv.get().conf().getInt(StageGpus.PER_EXECUTOR, 0);
    Optional<String> address = address(addresses(context), wanted, TaskHost.name());
    if (address.isEmpty()) {
      PyTorchLibrary.load();
      return Device.cpu();
    }
    int ordinal =
        ordinal(
            address.get(),
            Optional.ofNullable(System.getenv("CUDA_VISIBLE_DEVICES")),
            DeviceAssignment::askDriver);
    GpuCheck.ofThisProcess().check(ordinal, needsBf16);
    return Device.gpu(ordinal);
  }

  private static List<String> addresses(TaskContext context) {
    Map<String, ResourceInformation> resources = context.resourcesJMap();
    return resources.containsKey(StageGpus.GPU)
        ? List.of(resources.get(StageGpus.GPU).addresses())
        : List.of();
  }

  /**
   * The one address that a task may have.
   *
   * @param given by Spark
   * @param wanted GPUs of an executor
   */
  static Optional<String> address(List<String> given, int wanted, String host) {
    if (given.isEmpty() && wanted > 0) {
      throw new InvalidInputException(
          StageGpus.PER_EXECUTOR
              + " is "
              + wanted
              + ", but Spark gave this task on "
              + host
              + " no GPU; let Spark discover them: name a script by"
              + " cluster.spark.\"spark.executor.resource.gpu.discoveryScript\", on a standalone"
              + " cluster by spark.worker.resource.gpu.discoveryScript of the workers");
    }
    if (given.size() > 1) {
      throw new InvalidInputException(
          "Spark gave this task on "
              + host
              + " "
              + given.size()
              + " GPUs "
              + given
              + "; a rank computes on one: set cluster.gpusPerExecutor = 1 and start one executor"
              + " for each GPU");
    }
    return given.stream().findFirst();
  }

  /**
   * The number under which CUDA knows a GPU in this process.
   *
   * @param address as Spark's discovery named it: a number, or a UUID such as {@code GPU-8f6d...}
   * @param visible CUDA_VISIBLE_DEVICES: the GPUs that CUDA counts, in its order; all if empty
   * @param uuids the UUIDs of all GPUs in the driver's order; asked only where needed
   */
  static int ordinal(String address, Optional<String> visible, Supplier<List<String>> uuids) {
    if (visible.isPresent() && !visible.get().isBlank()) {
      List<String> names = Arrays.stream(visible.get().split(",", -1)).map(String::strip).toList();
      int place = placeOf(address, names);
      if (place < 0 && isNumber(address) != isNumber(names.get(0))) {
        List<String> all = uuids.get();
        place =
            isNumber(address)
                ? placeOf(nameOf(all, address), names)
                : names.indexOf(Integer.toString(placeOf(address, all)));
      }
      return found(place, address, "CUDA_VISIBLE_DEVICES = " + visible.get());
    }
    return isNumber(address)
        ? Integer.parseInt(address)
        : found(placeOf(address, uuids.get()), address, "nvidia-smi");
  }

  private static int found(int place, String address, String where) {
    if (place < 0) {
      throw new InvalidInputException(
          "Spark gave this rank the GPU "
              + address
              + ", which "
              + where
              + " does not name; let the discovery script print its numbers or UUIDs");
    }
    return place;
  }

  private static String nameOf(List<String> all, String number) {
    int index = Integer.parseInt(number);
    return index < all.size() ? all.get(index) : number;
  }

  /** CUDA takes any beginning of a UUID. */
  private static int placeOf(String address, List<String> names) {
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      boolean isSame = name.equals(address);
      boolean isBeginning =
          !isNumber(name)
              && !isNumber(address)
              && !name.isEmpty()
              && (address.startsWith(name) || name.startsWith(address));
      if (isSame || isBeginning) {
        return i;
      }
    }
    return -1;
  }

  private static boolean isNumber(String address) {
    return !address.isEmpty() && address.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static List<String> askDriver() {
    try {
      Process smi =
          new ProcessBuilder("nvidia-smi", "--query-gpu=uuid", "--format=csv,noheader").start();
      List<String> uuids = new ArrayList<>();
      smi.inputReader(UTF_8).lines().map(String::strip).forEach(uuids::add);
      if (!smi.waitFor(SMI_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        smi.destroyForcibly();
      }
      return uuids;
    } catch (IOException e) {
      throw new InvalidInputException(
          "Spark names GPUs by UUID, and nvidia-smi, which knows their numbers, cannot be run: "
              + e.getMessage(),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }
}
