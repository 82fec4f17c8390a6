package io.tokenflex.jobs.train;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.Device;
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
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/** Which device a rank computes on: the GPU that Spark gave its task, else the CPU. */
final class DeviceAssignment {
  private static final int SMI_TIMEOUT_SECONDS = 30;

  private DeviceAssignment() {}

  static Device of(TaskContext context) {
    Map<String, ResourceInformation> resources = context.resourcesJMap();
    if (!resources.containsKey(StageGpus.GPU)) {
      return Device.cpu();
    }
    String[] addresses = resources.get(StageGpus.GPU).addresses();
    if (addresses.length != 1) {
      throw new InvalidInputException(
          "A rank has "
              + addresses.length
              + " GPUs; set cluster.gpusPerExecutor = 1 and start one executor per GPU");
    }
    return Device.gpu(
        ordinal(
            addresses[0],
            Optional.ofNullable(System.getenv("CUDA_VISIBLE_DEVICES")),
            DeviceAssignment::askDriver));
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
