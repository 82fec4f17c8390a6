package io.tokenflex.jobs.doctor;

import io.tokenflex.distributed.Precision;
import io.tokenflex.jobs.config.RunConfig;
import io.tokenflex.model.TokenFlexModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** Compares what ranks found with each other and with what the run asks for. */
final class Diagnosis {
  /** Weights, gradients and two moments of AdamW, fp32. */
  private static final int TRAINED_BYTES = 16;

  /** Weights alone, fp32. */
  private static final int FROZEN_BYTES = 4;

  /** JVM and libraries beside heap and tensors (docs/operations.md, Memory). */
  private static final long BASE_BYTES = 512L << 20;

  /** A rank below this part of the median holds up the others noticeably. */
  private static final double SLOW = 0.6;

  private final RunConfig config;
  private final List<RankFacts> ranks;
  private final List<Finding> findings = new ArrayList<>();

  private Diagnosis(RunConfig config, List<RankFacts> ranks) {
    this.config = config;
    this.ranks = ranks;
  }

  /** Problems first. */
  static List<Finding> of(RunConfig config, List<RankFacts> ranks) {
    Diagnosis diagnosis = new Diagnosis(config, ranks);
    diagnosis.tellFailures();
    diagnosis.compareVersions();
    diagnosis.compareGpus();
    diagnosis.checkThreads();
    diagnosis.checkMemory();
    diagnosis.checkPrecision();
    diagnosis.findSlowRanks();
    return diagnosis.findings.stream()
        .sorted((a, b) -> Boolean.compare(b.isProblem(), a.isProblem()))
        .toList();
  }

  /** The same words of several ranks once. */
  private void tellFailures() {
    Map<String, List<Integer>> ranksOf = new LinkedHashMap<>();
    for (RankFacts rank : ranks) {
      for (String problem : rank.problems()) {
        ranksOf.computeIfAbsent(problem, text -> new ArrayList<>()).add(rank.rank());
      }
    }
    ranksOf.forEach((text, who) -> findings.add(Finding.problem(named(who) + ": " + text)));
  }

  private static String named(List<Integer> who) {
    return (who.size() == 1 ? "rank " : "ranks ")
        + who.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  private void compareVersions() {
    expectSame("PyTorch is", RankFacts::pyTorch, "install the same PyTorch in the same place");
    expectSame("Java is", RankFacts::java, "install the same JDK");
    expectSame("NCCL is", RankFacts::nccl, "install the same PyTorch");
  }

  private void compareGpus() {
    List<RankFacts> with = ranks.stream().filter(rank -> rank.gpu() != null).toList();
    if (!with.isEmpty() && with.size() == ranks.size()) {
      expectSame(
          "the GPU is", rank -> rank.gpu().name(), "give the run executors on nodes of one kind");
    }
    Map<String, List<Integer>> owners = new TreeMap<>();
    for (RankFacts rank : with) {
      String gpu = rank.gpu().busId() + " of " + rank.host();
      owners.computeIfAbsent(gpu, key -> new ArrayList<>()).add(rank.rank());
    }
    owners.forEach(
        (gpu, who) -> {
          if (who.size() > 1) {
            findings.add(
                Finding.problem(
                    named(who)
                        + " were given one GPU, "
                        + gpu
                        + "; let Spark's discovery script name each GPU once, and on a standalone"
                        + " cluster start one worker per host with all its GPUs"));
          }
        });
  }

  private void expectSame(String what, Function<RankFacts, String> value, String nextMove) {
    Map<String, List<Integer>> ranksOf = new LinkedHashMap<>();
    for (RankFacts rank : ranks) {
      ranksOf.computeIfAbsent(value.apply(rank), text -> new ArrayList<>()).add(rank.rank());
    }
    ranksOf.remove(""); // a failure of its own
    if (ranksOf.size() > 1) {
      String values =
          ranksOf.entrySet().stream()
              .map(entry -> entry.getKey() + " on " + named(entry.getValue()))
              .collect(Collectors.joining("; "));
      findings.add(Finding.problem(what + " " + values + ": " + nextMove + " on all nodes"));
    }
  }

  private Map<String, List<RankFacts>> byHost() {
    return ranks.stream()
        .collect(Collectors.groupingBy(RankFacts::host, TreeMap::new, Collectors.toList()));
  }

  private void checkThreads() {
    byHost()
        .forEach(
            (host, here) -> {
              int threads = here.stream().mapToInt(RankFacts::torchThreads).sum();
              int cores = here.get(0).machine().cores();
              if (threads > cores) {
                findings.add(
                    Finding.problem(
                        String.format(
                            Locale.ROOT,
                            "%s: %d ranks compute with %d threads on %d cores, which makes steps several times slower; lower cluster.coresPerExecutor, or spread cluster.executors over more nodes",
                            host,
                            here.size(),
                            threads,
                            cores)));
              }
            });
  }

  /** What a rank's tensors take at least: activations come on top. */
  private long leastTensorBytes() {
    boolean trainsWhole = config.train().freeze().isEmpty() && config.train().lora().isEmpty();
    return TokenFlexModel.numParameters(config.model())
        * (trainsWhole ? TRAINED_BYTES : FROZEN_BYTES);
  }

  private void checkMemory() {
    long tensors = leastTensorBytes();
    for (RankFacts rank : ranks) {
      if (rank.gpu() != null && tensors > rank.gpu().freeBytes()) {
        findings.add(
            Finding.problem(
                String.format(
                    Locale.ROOT,
                    "rank %d: weights, gradients and optimizer take at least %s, and its GPU has %s free; freeze parts (train.freeze), train adapters (train.lora), or take a smaller model",
                    rank.rank(),
                    gigabytes(tensors),
                    gigabytes(rank.gpu().freeBytes()))));
      }
    }
    byHost().forEach(this::checkMemoryOf);
  }

  private void checkMemoryOf(String host, List<RankFacts> here) {
    long onCpus = here.stream().filter(rank -> rank.gpu() == null).count();
    long heaps = here.stream().mapToLong(RankFacts::heapBytes).sum();
    long needed = onCpus * (leastTensorBytes() + BASE_BYTES) + heaps;
    long total = here.get(0).machine().memoryBytes();
    long available = here.get(0).availableBytes();
    String numbers =
        String.format(
            Locale.ROOT,
            "%s: %d ranks need at least %s (heaps %s), the machine has %s, %s of them free now",
            host,
            here.size(),
            gigabytes(needed),
            gigabytes(heaps),
            gigabytes(total),
            gigabytes(available));
    if (needed > total) {
      findings.add(
          Finding.problem(
              numbers + "; fewer executors on the node, a smaller heap, or a smaller model"));
    } else if (available > 0 && needed > available) {
      findings.add(Finding.note(numbers + "; something else runs there"));
    }
  }

  private void checkPrecision() {
    Precision precision = config.train().precision();
    List<Integer> without =
        ranks.stream().filter(rank -> !multipliesBf16(rank)).map(RankFacts::rank).toList();
    boolean anyGpu = ranks.stream().anyMatch(rank -> rank.gpu() != null);
    if (precision == Precision.BF16 && anyGpu && !without.isEmpty()) {
      findings.add(
          Finding.problem(
              named(without)
                  + ": no products of bf16 in hardware, and train.precision is bf16; set it to"
                  + " fp32 or auto"));
    } else if (precision == Precision.BF16 && !without.isEmpty()) {
      findings.add(
          Finding.note(
              named(without)
                  + ": no products of bf16 in hardware; train.precision = bf16 computes them in"
                  + " fp32 and rounds, which is slower than fp32"));
    } else if (precision == Precision.AUTO && !without.isEmpty() && without.size() < ranks.size()) {
      findings.add(
          Finding.note(
              named(without)
                  + ": no products of bf16 in hardware, so train.precision = auto means fp32 for"
                  + " all ranks"));
    }
  }

  private static boolean multipliesBf16(RankFacts rank) {
    return rank.gpu() == null ? rank.machine().multipliesBf16() : rank.gpu().capability() >= 80;
  }

  private void findSlowRanks() {
    findSlow("multiplies", speeds -> speeds.fp32Flops());
    findSlow("copies to its GPU", speeds -> speeds.toDeviceBytes());
    findSlow("reads from the storage", speeds -> speeds.storageReadBytes());
  }

  private void findSlow(String what, ToDoubleFunction<RankFacts.Speeds> speed) {
    double[] sorted =
        ranks.stream()
            .mapToDouble(rank -> speed.applyAsDouble(rank.speeds()))
            .filter(value -> !Double.isNaN(value))
            .sorted()
            .toArray();
    if (sorted.length < 3) { // of two nobody knows which is the odd one
      return;
    }
    double median = sorted[sorted.length / 2];
    for (RankFacts rank : ranks) {
      double value = speed.applyAsDouble(rank.speeds());
      if (value < SLOW * median) {
        findings.add(
            Finding.note(
                String.format(
                    Locale.ROOT,
                    "rank %d on %s %s at %.0f %% of the median's speed, and the others wait for it in every step; see what else runs there",
                    rank.rank(),
                    rank.host(),
                    what,
                    100 * value / median)));
      }
    }
  }

  private static String gigabytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
  }

  /** Bytes of gradients that a step sums over all ranks, at most. */
  static long gradientBytes(RunConfig config) {
    return TokenFlexModel.numParameters(config.model()) * Float.BYTES;
  }
}
