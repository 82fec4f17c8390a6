package io.tokenflex.jobs.run;

import ai.djl.Device;
import com.sun.management.OperatingSystemMXBean;
import io.tokenflex.kernels.ComputeType;
import java.io.IOException;
import java.io.Serial;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The machine that a JVM runs on, as far as it decides how fast things are there.
 *
 * @param processor its name, or the architecture where the system does not tell
 * @param cores that the JVM may use
 * @param memoryBytes of the machine, or of the container where that has less
 * @param multipliesBf16 whether the processor has instructions for it
 */
public record Machine(String processor, int cores, long memoryBytes, boolean multipliesBf16)
    implements Serializable {
  @Serial private static final long serialVersionUID = 1;

  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  /** The machine of this JVM. */
  public static Machine here() {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return new Machine(
        processorName(),
        Runtime.getRuntime().availableProcessors(),
        system.getTotalMemorySize(),
        ComputeType.BF16.isInHardware(Device.cpu()));
  }

  private static String processorName() {
    try {
      return processorName(Files.readAllLines(CPU_INFO));
    } catch (IOException e) {
      return System.getProperty("os.arch"); // not Linux
    }
  }

  static String processorName(List<String> cpuInfo) {
    return cpuInfo.stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .filter(name -> !name.isEmpty())
        .findFirst()
        .orElse(System.getProperty("os.arch"));
  }

  /** In one line for people. */
  public String inWords() {
    return String.format(
        Locale.ROOT,
        "%s, %d %s, %s, %.0f GB",
        processor,
        cores,
        cores == 1 ? "core" : "cores",
        multipliesBf16 ? "multiplies bf16" : "no bf16 products",
        memoryBytes / 1e9);
  }
}
