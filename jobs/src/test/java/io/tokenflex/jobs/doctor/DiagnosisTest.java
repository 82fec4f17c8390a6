package io.tokenflex.jobs.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.jobs.config.RunConfig;
import io.tokenflex.jobs.run.Machine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Everything that ranks can tell, and what is made of it for the quickstart's small model. */
class DiagnosisTest {
  private static final Path CONF = Path.of("..", "conf", "quickstart.conf");
  private static final long GIB = 1L << 30;
  private static final RankFacts.Speeds SPEEDS =
      new RankFacts.Speeds(0.1, 0.1, Double.NaN, 1e-4, 1e9, Double.NaN, 1e8, 1e8, 1e9);

  /** A rank of which a test changes one thing. */
  private static final class Rank {
    private final int number;
    private String host = "node1";
    private boolean multipliesBf16;
    private long heapBytes = GIB;
    private int torchThreads = 1;
    private String pyTorch = "2.7.1 in /opt/torch";
    private RankFacts.Gpu gpu;
    private String nccl = "";
    private RankFacts.Speeds speeds = SPEEDS;
    private List<String> problems = List.of();

    Rank(int number) {
      this.number = number;
    }

    Rank withGpu(String name, int capability, String busId, long freeBytes) {
      gpu = new RankFacts.Gpu(name, number, capability, busId, freeBytes, 80 * GIB, "12.8", "12.6");
      nccl = "2.26.2";
      return this;
    }

    RankFacts facts() {
      return new RankFacts(
          number,
          host,
          Integer.toString(number),
          new Machine("EPYC", 2, 16 * GIB, multipliesBf16),
          heapBytes,
          8 * GIB,
          torchThreads,
          "17.0.17",
          pyTorch,
          gpu,
          nccl,
          speeds,
          problems);
    }
  }

  private static List<Finding> diagnose(List<String> settings, Rank... ranks) {
    List<String> overrides = new ArrayList<>(settings);
    overrides.add("run.dir=/tmp/run");
    RunConfig config = RunConfig.load(CONF, overrides).config();
    return Diagnosis.of(config, List.of(ranks).stream().map(Rank::facts).toList());
  }

  private static void assertProblem(List<Finding> findings, String... words) {
    assertThat(findings)
        .anySatisfy(
            finding -> {
              assertThat(finding.isProblem()).isTrue();
              assertThat(finding.text()).contains(words);
            });
  }

  @Test
  void twoRanksThatFitHaveNoFindings() {
    assertThat(diagnose(List.of(), new Rank(0), new Rank(1))).isEmpty();
  }

  @Test
  void whatFailedOnSeveralRanksIsToldOnceWithAllOfThem() {
    Rank first = new Rank(0);
    Rank second = new Rank(1);
    first.problems = List.of("GPU: no driver; install one");
    second.problems = first.problems;
    List<Finding> findings = diagnose(List.of(), first, second);
    assertThat(findings)
        .containsExactly(Finding.problem("ranks 0, 1: GPU: no driver; install one"));
  }

  @Test
  void anotherPyTorchOnOneNodeIsAProblem() {
    Rank other = new Rank(1);
    other.pyTorch = "2.6.0 in /opt/torch";
    assertProblem(
        diagnose(List.of(), new Rank(0), other),
        "PyTorch is 2.7.1 in /opt/torch on rank 0; 2.6.0 in /opt/torch on rank 1",
        "install the same PyTorch in the same place on all nodes");
  }

  @Test
  void moreThreadsThanCoresAreAProblem() {
    Rank first = new Rank(0);
    Rank second = new Rank(1);
    first.torchThreads = 2;
    second.torchThreads = 2;
    assertProblem(
        diagnose(List.of(), first, second),
        "node1: 2 ranks compute with 4 threads on 2 cores",
        "lower cluster.coresPerExecutor");
    second.host = "node2";
    assertThat(diagnose(List.of(), first, second)).isEmpty();
  }

  @Test
  void heapsThatTheMachineDoesNotHaveAreAProblem() {
    Rank large = new Rank(0);
    large.heapBytes = 16 * GIB;
    assertProblem(diagnose(List.of(), large), "ranks need at least ", "the machine has 17.2 GB");
  }

  @Test
  void memoryThatOthersUseJustNowIsANote() {
    Rank rank = new Rank(0);
    rank.heapBytes = 8 * GIB;
    assertThat(diagnose(List.of(), rank))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.isProblem()).isFalse();
              assertThat(finding.text())
                  .endsWith("8.6 GB of them free now; something else runs there");
            });
  }

  @Test
  void oneGpuForTwoRanksIsAProblem() {
    Rank first = new Rank(0).withGpu("H100", 90, "0000:01:00.0", 70 * GIB);
    Rank second = new Rank(1).withGpu("H100", 90, "0000:01:00.0", 70 * GIB);
    assertProblem(
        diagnose(List.of(), first, second),
        "ranks 0, 1 were given one GPU, 0000:01:00.0 of node1",
        "one worker per host");
    second.host = "node2";
    assertThat(diagnose(List.of(), first, second)).isEmpty();
  }

  @Test
  void gpusOfTwoKindsAreAProblem() {
    assertProblem(
        diagnose(
            List.of(),
            new Rank(0).withGpu("H100", 90, "0000:01:00.0", 70 * GIB),
            new Rank(1).withGpu("A100", 80, "0000:02:00.0", 70 * GIB)),
        "the GPU is H100 on rank 0; A100 on rank 1");
  }

  /** The quickstart's model has 0.66 million parameters, 16 bytes each. */
  @Test
  void aModelThatAGpuCannotHoldIsAProblem() {
    assertProblem(
        diagnose(List.of(), new Rank(0).withGpu("T4", 75, "0000:01:00.0", 1 << 20)),
        "rank 0: weights, gradients and optimizer take at least 0.0 GB",
        "train.freeze");
  }

  @Test
  void bf16OnGpusWithoutItIsAProblemAndOnCpusANote() {
    List<String> bf16 = List.of("train.precision=bf16");
    assertProblem(
        diagnose(bf16, new Rank(0).withGpu("T4", 75, "0000:01:00.0", 70 * GIB)),
        "rank 0: no products of bf16 in hardware, and train.precision is bf16",
        "fp32 or auto");
    assertThat(diagnose(bf16, new Rank(0)))
        .singleElement()
        .satisfies(finding -> assertThat(finding.isProblem()).isFalse());
  }

  @Test
  void aRankWithoutBf16AmongOthersDecidesForAll() {
    Rank with = new Rank(1);
    with.multipliesBf16 = true;
    assertThat(diagnose(List.of("train.precision=auto"), new Rank(0), with))
        .singleElement()
        .satisfies(
            finding ->
                assertThat(finding.text())
                    .startsWith("rank 0: no products of bf16")
                    .endsWith("auto means fp32 for all ranks"));
  }

  @Test
  void aRankThatIsSlowerThanTheOthersIsNamed() {
    Rank slow = new Rank(2);
    slow.host = "node3";
    slow.speeds = new RankFacts.Speeds(0.05, 0.1, Double.NaN, 1e-4, 1e9, Double.NaN, 1e8, 1e8, 1e9);
    Rank second = new Rank(1);
    second.host = "node2";
    assertThat(diagnose(List.of(), new Rank(0), second, slow))
        .singleElement()
        .satisfies(
            finding ->
                assertThat(finding.text())
                    .startsWith("rank 2 on node3 multiplies at 50 % of the median's speed"));
  }

  @Test
  void problemsComeBeforeNotes() {
    Rank rank = new Rank(0);
    rank.heapBytes = 8 * GIB;
    rank.problems = List.of("x");
    assertThat(diagnose(List.of(), rank))
        .extracting(Finding::isProblem)
        .containsExactly(true, false);
  }

  @Test
  void theReportShowsEveryRankAndWhetherAllIsWell() {
    RunConfig config = RunConfig.load(CONF, List.of("run.dir=/tmp/run")).config();
    Rank first = new Rank(0).withGpu("NVIDIA H100", 90, "0000:01:00.0", 70 * GIB);
    DoctorReport well = new DoctorReport(config, List.of(first.facts()));
    assertThat(well.isWell()).isTrue();
    assertThat(well.toText())
        .contains("rank 0: executor 0 on node1")
        .contains("GPU 0        NVIDIA H100, capability 9.0, 75.2 of 85.9 GB free, at 0000:01:00.0")
        .contains("NCCL 2.26.2")
        .endsWith("Everything that was looked at fits together.\n");
    first.problems = List.of("storage: full");
    DoctorReport unwell = new DoctorReport(config, List.of(first.facts()));
    assertThat(unwell.isWell()).isFalse();
    assertThat(unwell.toText()).contains("does not fit: rank 0: storage: full");
  }
}
