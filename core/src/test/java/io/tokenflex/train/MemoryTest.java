package io.tokenflex.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.tokenflex.checkpoint.Checkpoints;
import io.tokenflex.cuda.CudaDevice;
import io.tokenflex.cuda.CudaLibrary;
import io.tokenflex.distributed.SingleProcessGroup;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.lora.LoraConfig;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.storage.LocalStorage;
import io.tokenflex.testing.TinyRun;
import io.tokenflex.testing.TinySamples;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A step leaves no array behind. */
@EnabledOnOs(OS.LINUX)
@Tag("gpu")
class MemoryTest {
  private static final long EARLY = 100;
  private static final long LATE = 500;

  /** The JVM's own share comes and goes: the lowest of five readings is compared. */
  private static final long READINGS = 5;

  private static final long STEPS_BETWEEN_READINGS = 10;
  private static final long ALLOWED_GROWTH_KIB = 48 << 10;
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

  @TempDir private Path folder;

  /** What a step has left: memory of the process, of its GPU if it has one, and arrays. */
  private record Use(long residentKib, long deviceKib, int managedArrays) {
    /** The lowest of the last readings up to {@code step}. */
    static Use lowest(Map<Long, Use> uses, long step) {
      return LongStream.range(0, READINGS)
          .mapToObj(i -> uses.get(step - i * STEPS_BETWEEN_READINGS))
          .min(Comparator.comparingLong(Use::residentKib))
          .orElseThrow();
    }
  }

  private static Use use(TokenFlexModel model) {
    System.gc(); // else it is the size of the young generation that grows
    try {
      Matcher matcher = RESIDENT.matcher(Files.readString(Path.of("/proc/self/status")));
      assertThat(matcher.find()).as("VmRSS in /proc/self/status").isTrue();
      return new Use(
          Long.parseLong(matcher.group(1)),
          deviceKib(model.manager().getDevice()),
          model.manager().getManagedArrays().size());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Taken on the GPU by whoever uses it; nothing on a CPU. */
  private static long deviceKib(Device device) {
    if (!device.isGpu()) {
      return 0;
    }
    CudaDevice.Facts gpu = new CudaDevice(CudaLibrary.ofPyTorch(), device.getDeviceId()).facts();
    return (gpu.totalBytes() - gpu.freeBytes()) >> 10;
  }

  static List<Optional<LoraConfig>> fullAndLora() {
    return List.of(
        Optional.empty(), Optional.of(TinyRun.lora(4, 8, List.of("all-linear"), List.of())));
  }

  @ParameterizedTest
  @MethodSource("fullAndLora")
  void hundredsOfStepsAtChangingTokenCountsNeedNoMoreMemoryThanTheFirst(Optional<LoraConfig> lora)
      throws IOException, InterruptedException {
    Map<Long, Use> uses = new TreeMap<>();
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TokenFlexModel model = TokenFlexModel.create(manager, TinyRun.model(), ComputeType.FP32)) {
      TrainingListener listener =
          new TrainingListener() {
            @Override
            public void stepDone(StepMetrics metrics) {
              long since = metrics.step() <= EARLY ? EARLY : LATE;
              if (since - metrics.step() < READINGS * STEPS_BETWEEN_READINGS
                  && metrics.step() % STEPS_BETWEEN_READINGS == 0) {
                uses.put(metrics.step(), use(model));
              }
            }
          };
      new Trainer(
              TinyRun.run(TinyRun.config(LATE, 4, LATE, lora), new TinySamples(3, 9, 7, 11, 8, 6)),
              new SingleProcessGroup(),
              new Checkpoints(new LocalStorage(folder), 1),
              listener)
          .train(model);
    }
    Use early = Use.lowest(uses, EARLY);
    Use late = Use.lowest(uses, LATE);
    System.out.printf(
        "Resident after %d and %d steps: %d and %d MiB; on the GPU %d and %d MiB; arrays %d and %d%n",
        EARLY,
        LATE,
        early.residentKib() >> 10,
        late.residentKib() >> 10,
        early.deviceKib() >> 10,
        late.deviceKib() >> 10,
        early.managedArrays(),
        late.managedArrays());
    assertThat(late.managedArrays()).isEqualTo(early.managedArrays());
    assertThat(late.residentKib() - early.residentKib())
        .as("KiB that %d steps added", LATE - EARLY)
        .isLessThan(ALLOWED_GROWTH_KIB);
    assertThat(late.deviceKib() - early.deviceKib())
        .as("KiB of the GPU that %d steps added", LATE - EARLY)
        .isLessThan(ALLOWED_GROWTH_KIB);
  }
}
