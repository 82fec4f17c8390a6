package io.tokenflex.jobs.doctor;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.tokenflex.cuda.CudaDevice;
import io.tokenflex.cuda.CudaLibrary;
import io.tokenflex.cuda.PyTorchLibrary;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.distributed.SumCheck;
import io.tokenflex.distributed.TcpRingProcessGroup;
import io.tokenflex.jobs.config.RunConfig;
import io.tokenflex.jobs.device.DeviceAssignment;
import io.tokenflex.jobs.failure.Failures;
import io.tokenflex.jobs.run.Machine;
import io.tokenflex.jobs.train.BarrierRendezvous;
import io.tokenflex.jobs.train.BarrierStage;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.nccl.NcclGpu;
import io.tokenflex.nccl.NcclProcessGroup;
import java.io.IOException;
import java.io.Serial;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * What one rank looks at and measures, as a task of the barrier stage. Nothing that fails ends it:
 * every failure is a problem to be told.
 *
 * @param settings the whole run as HOCON
 * @param runFolder qualified path of the run's folder
 */
record RankProbe(String settings, String runFolder, Broadcast<SerializableConfiguration> hadoop)
    implements BarrierStage.Task<RankFacts> {
  @Serial private static final long serialVersionUID = 1;

  private static final Path MEMORY_INFO = Path.of("/proc/meminfo");
  private static final int SUMMED_VALUES = 16 << 20;
  private static final int MESSAGES = 50;
  private static final int SUMS = 3;
  private static final Duration RING_TIMEOUT = Duration.ofSeconds(60);

  @Override
  public RankFacts run() {
    return new Probe(this, BarrierTaskContext.get()).facts();
  }

  /** One rank's work. */
  private static final class Probe {
    private final BarrierTaskContext context;
    private final RunConfig config;
    private final RankProbe task;
    private final List<String> problems = new ArrayList<>();
    private Device device;
    private String pyTorch = "";
    private RankFacts.Gpu gpu;
    private String nccl = "";
    private double fp32 = Double.NaN;
    private double bf16 = Double.NaN;
    private double toDevice = Double.NaN;
    private double ringSeconds = Double.NaN;
    private double ringBytes = Double.NaN;
    private double ncclBytes = Double.NaN;
    private double disk = Double.NaN;
    private StorageProbe.Speed storage = new StorageProbe.Speed(Double.NaN, Double.NaN);

    Probe(RankProbe task, BarrierTaskContext context) {
      this.task = task;
      this.context = context;
      this.config = RunConfig.parse(task.settings());
    }

    /** What may fail. */
    private interface Attempt {
      void run() throws IOException;
    }

    private void attempt(String what, Attempt attempt) {
      try {
        attempt.run();
      } catch (IOException | RuntimeException | LinkageError e) {
        problems.add(what + ": " + Failures.inOneLine(e));
      }
    }

    RankFacts facts() {
      BarrierRendezvous rendezvous = new BarrierRendezvous(context);
      attempt("device", () -> device = DeviceAssignment.of(context, /* needsBf16= */ false));
      attempt("PyTorch", this::lookAtPyTorch);
      if (device != null && device.isGpu()) {
        attempt("GPU", this::lookAtGpu);
      }
      StorageProbe files = new StorageProbe();
      attempt("local disk", () -> disk = files.disk(Path.of(System.getProperty("java.io.tmpdir"))));
      attempt(
          "run.dir " + task.runFolder(),
          () -> storage = files.storage(task.runFolder(), task.hadoop().value().value()));
      attempt("ring between ranks", () -> measureRanks(rendezvous));
      return new RankFacts(
          rendezvous.rank(),
          rendezvous.host(),
          SparkEnv.get().executorId(),
          Machine.here(),
          Runtime.getRuntime().maxMemory(),
          availableBytes(),
          Integer.getInteger("ai.djl.pytorch.num_threads", 0),
          System.getProperty("java.version"),
          pyTorch,
          gpu,
          nccl,
          new RankFacts.Speeds(
              fp32,
              bf16,
              toDevice,
              ringSeconds,
              ringBytes,
              ncclBytes,
              disk,
              storage.written(),
              storage.read()),
          List.copyOf(problems));
    }

    private void lookAtPyTorch() {
      pyTorch = PyTorchLibrary.version() + " in " + PyTorchLibrary.load();
    }

    private void lookAtGpu() {
      CudaDevice cuda = new CudaDevice(CudaLibrary.ofPyTorch(), device.getDeviceId());
      CudaDevice.Facts facts = cuda.facts();
      gpu =
          new RankFacts.Gpu(
              facts.name(),
              device.getDeviceId(),
              facts.capability(),
              facts.busId(),
              facts.freeBytes(),
              facts.totalBytes(),
              facts.driver(),
              facts.runtime());
      nccl = NcclGpu.ofPyTorch(device).version();
    }

    /** All ranks take part in all of it, whatever failed on one of them before. */
    private void measureRanks(BarrierRendezvous rendezvous) {
      int port = config.cluster().collectivePort();
      boolean allHaveGpus;
      try (ProcessGroup ring =
          TcpRingProcessGroup.join(rendezvous, rendezvous.host(), port, RING_TIMEOUT)) {
        if (pyTorch.isEmpty()) {
          ring.allGather(new byte[1]);
          return;
        }
        boolean allHavePyTorch =
            ring.allGather(new byte[0]).stream().allMatch(message -> message.length == 0);
        if (!allHavePyTorch) {
          return;
        }
        attempt("products", this::measureProducts);
        ring.barrier();
        ringSeconds = measureMessages(ring);
        try (NDManager cpu = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
          ringBytes = measureSums(ring, cpu);
        }
        byte[] mine = {(byte) (gpu == null ? 0 : 1)};
        allHaveGpus = ring.allGather(mine).stream().allMatch(message -> message[0] == 1);
      }
      if (allHaveGpus && rendezvous.worldSize() > 1) {
        attempt("NCCL", () -> measureNccl(rendezvous, port));
      }
    }

    private void measureProducts() {
      try (DeviceProbe probe = new DeviceProbe(device == null ? Device.cpu() : device)) {
        fp32 = probe.flops(ComputeType.FP32);
        bf16 = probe.flops(ComputeType.BF16);
        if (gpu != null) {
          toDevice = probe.toDeviceBytes();
        }
      }
    }

    private void measureNccl(BarrierRendezvous rendezvous, int port) {
      try (NDManager manager = NDManager.newBaseManager(device, "PyTorch");
          ProcessGroup group =
              NcclProcessGroup.join(
                  rendezvous,
                  rendezvous.host(),
                  port,
                  config.train().collectiveTimeout(),
                  NcclGpu.ofPyTorch(device))) {
        double seconds = SumCheck.seconds(group, manager, SUMMED_VALUES);
        ncclBytes = (double) SUMMED_VALUES * Float.BYTES / seconds;
      }
    }

    private static double measureMessages(ProcessGroup ring) {
      if (ring.worldSize() == 1) {
        return Double.NaN;
      }
      ring.barrier();
      long start = System.nanoTime();
      for (int i = 0; i < MESSAGES; i++) {
        ring.barrier();
      }
      return (System.nanoTime() - start) / 1e9 / MESSAGES;
    }

    private static double measureSums(ProcessGroup ring, NDManager cpu) {
      if (ring.worldSize() == 1) {
        return Double.NaN;
      }
      double best = Double.POSITIVE_INFINITY;
      for (int round = 0; round < SUMS; round++) {
        best = Math.min(best, SumCheck.seconds(ring, cpu, SUMMED_VALUES));
      }
      return (double) SUMMED_VALUES * Float.BYTES / best;
    }

    /** What the system could still give away; 0 where it does not tell. */
    private static long availableBytes() {
      try {
        for (String line : Files.readAllLines(MEMORY_INFO)) {
          if (line.startsWith("MemAvailable:")) {
            return Long.parseLong(line.replaceAll("\\D", "")) << 10;
          }
        }
      } catch (IOException e) {
        return 0; // not Linux
      }
      return 0;
    }
  }

  /** In messages of Spark. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "probe of the ranks of %s", runFolder);
  }
}
