package io.tokenflex.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** What a benchmark program prints for its script: one JSON object on a line of its own. */
final class BenchResult {
  private BenchResult() {}

  /** Prints {@code values} with this JVM's peak memory and version. */
  static void print(Map<String, ?> values) throws IOException {
    Map<String, Object> result = new LinkedHashMap<>(values);
    result.put("peakRssMib", peakRssMib());
    result.put("versions", "Java " + System.getProperty("java.vm.version"));
    System.out.println(new ObjectMapper().writeValueAsString(result));
  }

  /** The most memory that this process ever had resident, where the system tells (Linux). */
  private static double peakRssMib() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
          .findFirst()
          .orElse(Double.NaN);
    }
  }
}
