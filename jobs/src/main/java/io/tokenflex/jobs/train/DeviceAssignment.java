package io.tokenflex.jobs.train;

import ai.djl.Device;
import io.tokenflex.failure.InvalidInputException;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/** Which device a rank computes on: the GPU that Spark gave its task, else the CPU. */
final class DeviceAssignment {
  private static final String GPU = "gpu";

  private DeviceAssignment() {}

  static Device of(TaskContext context) {
    Map<String, ResourceInformation> resources = context.resourcesJMap();
    if (!resources.containsKey(GPU)) {
      return Device.cpu();
    }
    String[] addresses = resources.get(GPU).addresses();
    if (addresses.length != 1) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "A rank has %d GPUs; set cluster.gpusPerExecutor = 1 and start one executor per GPU",
              addresses.length));
    }
    return Device.gpu(Integer.parseInt(addresses[0]));
  }
}
