package io.tokenflex.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.cuda.CudaDevice;
import io.tokenflex.cuda.CudaLibrary;
import io.tokenflex.cuda.PyTorchLibrary;
import io.tokenflex.nccl.NcclGpu;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What a node with a GPU is tried with before anybody trusts it: the tests that hold on any device,
 * two ranks over NCCL, the training step with the share of the peak that it reaches. {@code
 * bench/gpu/run} calls it after the doctor and keeps the page that it writes.
 */
@Command(
    name = "node-check",
    description = "Tries a node: tests on its device, NCCL, the training step. Writes a page.",
    mixinStandardHelpOptions = true)
public final class NodeCheck implements Callable<Integer> {
  /** NCCL's setting that lets two ranks have one GPU; older versions do not hold the word. */
  private static final String MULTI_RANK = "NCCL_MULTI_RANK_GPU_ENABLE";

  /** Of a loss in fp32, relative. */
  private static final double LOSS_TOLERANCE = 1e-4;

  private static final Pattern TESTS = Pattern.compile("(\\d+) tests (found|successful|failed)");
  private static final ObjectMapper JSON = new ObjectMapper();

  @Option(names = "--device", description = "gpu or cpu", defaultValue = "gpu")
  private String device;

  @Option(names = "--page", description = "file to write", required = true)
  private Path page;

  @Option(names = "--folder", description = "for inputs of the steps", required = true)
  private Path folder;

  @Option(names = "--doctor", description = "what the doctor has printed")
  private Path doctor;

  @Option(names = "--tests", description = "jar or folder of core's tests", required = true)
  private Path tests;

  @Option(names = "--steps", description = "SIZE:DTYPE:SAMPLES, ...", split = ",")
  private List<String> steps = List.of("150m:fp32:8", "150m:bf16:8", "300m:bf16:16");

  @Option(names = "--num-steps", description = "of each case", defaultValue = "20")
  private int numSteps;

  @Option(names = "--part-minutes", description = "limit of each part", defaultValue = "4")
  private int partMinutes;

  private NodeCheck() {}

  /** Ends with status 1 if a part failed. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new NodeCheck()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    NodePage result = new NodePage(page);
    boolean usable = result.add("Node", this::facts);
    if (doctor != null) {
      result.add("Doctor", () -> Files.readAllLines(doctor));
    }
    if (!usable) {
      // DJL computes on the processor where it finds no GPU, so tests would pass without one.
      result.add("All else", () -> List.of("Not run: this device cannot be used, see Node."));
      return 1;
    }
    result.add("Tests", this::runTests);
    result.add("Two ranks over NCCL", this::runNccl);
    for (String step : steps) {
      result.add("Training step, " + step, () -> runStep(step));
    }
    return result.numFailed() == 0 ? 0 : 1;
  }

  private boolean onGpu() {
    return device.equals("gpu");
  }

  private List<String> facts() {
    List<String> lines = new ArrayList<>();
    lines.add("Java " + System.getProperty("java.vm.version"));
    lines.add("PyTorch " + PyTorchLibrary.version() + " in " + PyTorchLibrary.load());
    if (onGpu()) {
      CudaDevice.Facts gpu = new CudaDevice(CudaLibrary.ofPyTorch(), 0).facts();
      lines.add(
          String.format(
              Locale.ROOT,
              "%s, compute capability %.1f, %d of %d MiB free",
              gpu.name(),
              gpu.capability() / 10.0,
              gpu.freeBytes() >> 20,
              gpu.totalBytes() >> 20));
      lines.add("CUDA " + gpu.runtime() + ", driver for " + gpu.driver());
    }
    return lines;
  }

  /** The tests that are tagged {@code gpu}, on the device that DJL finds. */
  private List<String> runTests() throws IOException {
    List<String> command = java("1g", "org.junit.platform.console.ConsoleLauncher");
    command.addAll(List.of("execute", "--disable-banner", "--disable-ansi-colors"));
    command.addAll(List.of("--details=tree", "--details-theme=ascii", "--include-tag=gpu"));
    command.addAll(List.of("--scan-classpath", tests.toString()));
    NodeProcess.Ended ended = start(command, Map.of()).await();
    List<String> lines = new ArrayList<>();
    int found = 0;
    for (String line : ended.lines()) {
      Matcher count = TESTS.matcher(line);
      if (count.find()) {
        lines.add(count.group());
        found = Math.max(found, Integer.parseInt(count.group(1)));
      } else if (line.contains("[X]") || line.startsWith("Resident after")) {
        lines.add(line.strip());
      }
    }
    if (found == 0) {
      throw new NodePage.FailedException("no test was found in " + tests, ended.lines());
    }
    if (ended.status() != 0) {
      throw new NodePage.FailedException("tests failed", lines);
    }
    return lines;
  }

  /** The losses of two ranks that share the GPU must be those on CPUs, over the TCP ring. */
  private List<String> runNccl() throws IOException {
    if (!onGpu()) {
      return List.of("Not run: NCCL needs a GPU.");
    }
    Optional<Path> library = ncclLibrary();
    if (library.isEmpty()) {
      return List.of("Not run: PyTorch has loaded no libnccl.");
    }
    String version = "NCCL " + NcclGpu.ofPyTorch(Device.gpu(0)).version();
    if (!holds(library.get(), MULTI_RANK)) {
      return List.of(
          version, "Not run: it does not know " + MULTI_RANK + ", so two ranks need two GPUs.");
    }
    Path inputs = makeInputs("5m", 4, 2);
    double[] expected = lossesOfTwoRanks(inputs, "cpu", "tcp");
    double[] losses = lossesOfTwoRanks(inputs, "gpu", "nccl");
    double worst = 0;
    for (int i = 0; i < losses.length; i++) {
      worst = Math.max(worst, Math.abs(losses[i] / expected[i] - 1));
    }
    String found =
        String.format(
            Locale.ROOT,
            "%d losses of two ranks on one GPU over NCCL are within %.1e of those on CPUs",
            losses.length,
            worst);
    if (!(worst <= LOSS_TOLERANCE)) {
      throw new NodePage.FailedException("losses differ", List.of(found));
    }
    return List.of(version, found);
  }

  private double[] lossesOfTwoRanks(Path inputs, String onDevice, String collective)
      throws IOException {
    Path meet = Files.createTempDirectory(folder, "meet");
    List<NodeProcess> ranks = new ArrayList<>();
    for (int rank = 0; rank < 2; rank++) {
      List<String> command = stepRun(inputs, "fp32", onDevice);
      command.addAll(List.of("--collective", collective, "--rank", Integer.toString(rank)));
      command.addAll(List.of("--meet", meet.toString()));
      ranks.add(start(command, Map.of(MULTI_RANK, "1", "NCCL_DEBUG", "WARN")));
    }
    List<JsonNode> results = new ArrayList<>();
    for (NodeProcess rank : ranks) {
      results.add(resultOf(rank.await()).get("losses"));
    }
    if (!results.get(0).equals(results.get(1))) {
      throw new NodePage.FailedException(
          "the two ranks have different losses",
          List.of(results.get(0).toString(), results.get(1).toString()));
    }
    return numbers(results.get(0));
  }

  private List<String> runStep(String step) throws IOException {
    String[] parts = step.split(":", -1);
    Path inputs = makeInputs(parts[0], Integer.parseInt(parts[2]), 1);
    JsonNode result = resultOf(start(stepRun(inputs, parts[1], device), Map.of()).await());
    double[] seconds = numbers(result.get("seconds"));
    double[] flops = numbers(result.get("flops"));
    int warmUp = Math.min(4, seconds.length / 2);
    double time = Arrays.stream(seconds).skip(warmUp).sum();
    double work = Arrays.stream(flops).skip(warmUp).sum();
    int timed = seconds.length - warmUp;
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "%.1f million parameters, %.2f samples/s, a step %.3f s (median %.3f)",
            result.get("parameters").doubleValue() / 1e6,
            result.get("samplesPerStep").doubleValue() * timed / time,
            time / timed,
            Arrays.stream(seconds).skip(warmUp).sorted().toArray()[timed / 2]));
    lines.add(
        String.format(
            Locale.ROOT,
            "%.4f TFLOP/s in products: %.0f %% of the %.4f that one large product reaches here",
            work / time / 1e12,
            100 * work / time / result.get("peakFlopsPerSecond").doubleValue(),
            result.get("peakFlopsPerSecond").doubleValue() / 1e12));
    lines.add("losses " + result.get("losses").get(0) + " to " + last(result.get("losses")));
    return lines;
  }

  private static JsonNode last(JsonNode array) {
    return array.get(array.size() - 1);
  }

  private static double[] numbers(JsonNode array) {
    double[] numbers = new double[array.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = array.get(i).doubleValue();
    }
    return numbers;
  }

  private Path makeInputs(String size, int batch, int ranks) throws IOException {
    Path inputs = folder.resolve(String.join("-", size, "" + ranks, "" + batch, "" + numSteps));
    if (!Files.exists(inputs.resolve("inputs.json"))) {
      List<String> command = java("4g", StepBench.class.getName());
      command.addAll(List.of("make", inputs.toString(), "--size", size, "--batch", "" + batch));
      command.addAll(List.of("--ranks", "" + ranks, "--steps", "" + numSteps));
      start(command, Map.of()).await().requireSuccess();
    }
    return inputs;
  }

  private List<String> stepRun(Path inputs, String type, String onDevice) {
    List<String> command = java("2g", StepBench.class.getName());
    command.addAll(List.of("run", inputs.toString(), "--dtype", type, "--device", onDevice));
    return command;
  }

  private static JsonNode resultOf(NodeProcess.Ended ended) throws IOException {
    for (String line : ended.requireSuccess().lines()) {
      if (line.startsWith("{")) {
        return JSON.readTree(line);
      }
    }
    throw new NodePage.FailedException("printed no result", ended.lines());
  }

  private NodeProcess start(List<String> command, Map<String, String> environment)
      throws IOException {
    return NodeProcess.start(command, environment, Duration.ofMinutes(partMinutes));
  }

  /** A JVM like this one. */
  private static List<String> java(String heap, String mainClass) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx" + heap, "-cp", System.getProperty("java.class.path")));
    String threads = System.getProperty("ai.djl.pytorch.num_threads");
    if (threads != null) {
      command.add("-Dai.djl.pytorch.num_threads=" + threads);
    }
    command.add(mainClass);
    return command;
  }

  /** The NCCL that PyTorch has loaded into this process. */
  private static Optional<Path> ncclLibrary() throws IOException {
    NcclGpu.ofPyTorch(Device.gpu(0)).version();
    return Files.readAllLines(Path.of("/proc/self/maps")).stream()
        .filter(line -> line.contains("libnccl"))
        .map(line -> Path.of(line.substring(line.indexOf('/'))))
        .findFirst();
  }

  /** Whether a library holds a word; it is mapped, for it has hundreds of MiB. */
  static boolean holds(Path library, String word) throws IOException {
    byte[] wanted = word.getBytes(US_ASCII);
    try (RandomAccessFile file = new RandomAccessFile(library.toFile(), "r")) {
      MappedByteBuffer bytes =
          file.getChannel().map(FileChannel.MapMode.READ_ONLY, 0, file.length());
      for (int at = 0; at <= bytes.limit() - wanted.length; at++) {
        int same = 0;
        while (same < wanted.length && bytes.get(at + same) == wanted[same]) {
          same++;
        }
        if (same == wanted.length) {
          return true;
        }
      }
    }
    return false;
  }
}
