package io.tokenflex.jobs.train;

import ai.djl.ndarray.NDManager;
import io.tokenflex.checkpoint.Checkpoints;
import io.tokenflex.dataprep.shard.ParquetSampleSource;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.distributed.TcpRingProcessGroup;
import io.tokenflex.jobs.config.RunConfig;
import io.tokenflex.jobs.config.StageGpus;
import io.tokenflex.jobs.run.RunText;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.kernels.DeviceMemory;
import io.tokenflex.model.TokenFlexModel;
import io.tokenflex.nccl.NcclGpu;
import io.tokenflex.nccl.NcclProcessGroup;
import io.tokenflex.samples.SampleSource;
import io.tokenflex.storage.LocalStorage;
import io.tokenflex.train.InitialWeights;
import io.tokenflex.train.StepMetrics;
import io.tokenflex.train.Trainer;
import io.tokenflex.train.TrainingListener;
import io.tokenflex.train.TrainingRun;
import java.io.Serial;
import java.io.Serializable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * A Spark application that trains the same run on two executors twice, over NCCL and over the TCP
 * ring: prints whether losses and weights are equal. NCCL is a library that plays it in host
 * memory, so the arrays are the CPU's.
 */
public final class NcclStages {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private NcclStages() {}

  /** Called with the discovery script, the library and the settings of the run. */
  public static void main(String[] args) throws Exception {
    List<String> settings = new ArrayList<>(Arrays.asList(args).subList(2, args.length));
    Path conf = Path.of("..", "conf", "quickstart.conf").toAbsolutePath();
    try (JavaSparkContext context = GpuCluster.start(args[0], 1)) {
      List<Outcome> overNccl = train(context, conf, settings, args[1]);
      List<Outcome> overTcp = train(context, conf, settings, "");
      List<String> gpus = overNccl.stream().map(Outcome::gpu).toList();
      long processes = overNccl.stream().map(Outcome::process).distinct().count();
      System.out.println("GPUs " + gpus + " in " + processes + " processes");
      int steps = overNccl.get(0).losses().size();
      boolean sameLosses = losses(overNccl).equals(losses(overTcp));
      System.out.println("over NCCL " + steps + " losses, as over TCP: " + sameLosses);
      System.out.println("weights as over TCP: " + weights(overNccl).equals(weights(overTcp)));
    }
  }

  private static List<Outcome> train(
      JavaSparkContext context, Path conf, List<String> settings, String library) {
    return BarrierStage.run(
        context, 2, Outcome.class, new Rank(conf.toString(), new ArrayList<>(settings), library));
  }

  private static List<List<Double>> losses(List<Outcome> ranks) {
    return ranks.stream().<List<Double>>map(Outcome::losses).toList();
  }

  private static List<String> weights(List<Outcome> ranks) {
    return ranks.stream().map(Outcome::weights).toList();
  }

  /** What a rank came to. */
  private record Outcome(long process, String gpu, ArrayList<Double> losses, String weights)
      implements Serializable {
    @Serial private static final long serialVersionUID = 1;
  }

  /**
   * One rank.
   *
   * @param library that plays NCCL; empty for the TCP ring
   */
  private record Rank(String conf, ArrayList<String> settings, String library)
      implements BarrierStage.Task<Outcome> {
    @Serial private static final long serialVersionUID = 1;

    @Override
    public Outcome run() throws Exception {
      BarrierTaskContext context = BarrierTaskContext.get();
      RunConfig config = RunConfig.load(Path.of(conf), settings).config();
      ArrayList<Double> losses = new ArrayList<>();
      TrainingListener listener =
          new TrainingListener() {
            @Override
            public void stepDone(StepMetrics metrics) {
              losses.add(metrics.loss());
            }
          };
      try (SampleSource source =
              ParquetSampleSource.open(config.data().train(), new Configuration());
          NDManager manager = NDManager.newBaseManager("PyTorch");
          ProcessGroup group = join(new BarrierRendezvous(context));
          TokenFlexModel model = TokenFlexModel.create(manager, config.model(), ComputeType.FP32)) {
        TrainingRun run =
            new TrainingRun(
                config.train(),
                config.model(),
                config.pixels().transform(config.model().vision().imageSize()),
                config.tokens().schedule(config.run().seed()),
                source,
                RunText.builtIn(),
                InitialWeights.random(config.run().seed()),
                Optional.empty(),
                config.run().seed());
        Path checkpoints = Path.of(config.run().dir()).resolve(library.isEmpty() ? "tcp" : "nccl");
        new Trainer(run, group, new Checkpoints(new LocalStorage(checkpoints), 1), listener)
            .train(model);
        String gpu = context.resourcesJMap().get(StageGpus.GPU).addresses()[0];
        return new Outcome(ProcessHandle.current().pid(), gpu, losses, model.parameters().digest());
      }
    }

    private ProcessGroup join(BarrierRendezvous ranks) {
      return library.isEmpty()
          ? TcpRingProcessGroup.join(ranks, ranks.host(), 0, TIMEOUT)
          : NcclProcessGroup.join(
              ranks,
              ranks.host(),
              0,
              TIMEOUT,
              NcclGpu.of(Path.of(library), ranks.rank(), DeviceMemory::addressOf));
    }
  }
}
