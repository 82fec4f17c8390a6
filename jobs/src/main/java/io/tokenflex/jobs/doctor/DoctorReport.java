package io.tokenflex.jobs.doctor;

import io.tokenflex.jobs.config.RunConfig;
import java.util.List;
import java.util.Locale;

/** What was found, for people: each rank, what the run would ask of them, and what does not fit. */
public final class DoctorReport {
  private final RunConfig config;
  private final List<RankFacts> ranks;
  private final List<Finding> findings;

  DoctorReport(RunConfig config, List<RankFacts> ranks) {
    this.config = config;
    this.ranks = List.copyOf(ranks);
    this.findings = Diagnosis.of(config, ranks);
  }

  /** Whether nothing was found that the run cannot go well with. */
  public boolean isWell() {
    return findings.stream().noneMatch(Finding::isProblem);
  }

  /** The whole report. */
  public String toText() {
    StringBuilder text = new StringBuilder();
    ranks.forEach(rank -> append(text, rank));
    appendStep(text);
    for (Finding finding : findings) {
      text.append(finding.isProblem() ? "does not fit: " : "note: ");
      text.append(finding.text()).append('\n');
    }
    text.append(
        isWell()
            ? "Everything that was looked at fits together.\n"
            : "The run would not go well: see \"does not fit\" above.\n");
    return text.toString();
  }

  private static void append(StringBuilder text, RankFacts rank) {
    RankFacts.Speeds speeds = rank.speeds();
    line(text, "rank %d: executor %s on %s", rank.rank(), rank.executor(), rank.host());
    line(text, "  processor    %s", rank.machine().inWords());
    line(
        text,
        "  memory       heap %.1f GB, machine %.1f GB, free now %.1f GB; %d torch threads",
        rank.heapBytes() / 1e9,
        rank.machine().memoryBytes() / 1e9,
        rank.availableBytes() / 1e9,
        rank.torchThreads());
    line(text, "  software     Java %s, PyTorch %s", rank.java(), known(rank.pyTorch()));
    if (rank.gpu() != null) {
      appendGpu(text, rank.gpu(), rank.nccl());
    }
    line(
        text,
        "  products     fp32 %s, bf16 %s TFLOP/s%s",
        number(speeds.fp32Flops() / 1e12, 3),
        number(speeds.bf16Flops() / 1e12, 3),
        rank.gpu() == null && !rank.machine().multipliesBf16() ? " (bf16 in fp32, rounded)" : "");
    if (rank.gpu() != null) {
      line(text, "  host to GPU  %s GB/s, pageable", number(speeds.toDeviceBytes() / 1e9, 2));
      line(text, "  NCCL         sums %s GB/s", number(speeds.ncclBytes() / 1e9, 2));
    }
    line(
        text,
        "  TCP ring     a message round it %s ms, sums %s GB/s",
        number(speeds.ringSeconds() * 1e3, 3),
        number(speeds.ringBytes() / 1e9, 2));
    line(
        text,
        "  files        local disk %s, run.dir written %s, read %s GB/s",
        number(speeds.diskBytes() / 1e9, 2),
        number(speeds.storageWriteBytes() / 1e9, 2),
        number(speeds.storageReadBytes() / 1e9, 2));
  }

  private static void appendGpu(StringBuilder text, RankFacts.Gpu gpu, String nccl) {
    line(
        text,
        "  GPU %d        %s, capability %d.%d, %.1f of %.1f GB free, at %s",
        gpu.ordinal(),
        gpu.name(),
        gpu.capability() / 10,
        gpu.capability() % 10,
        gpu.freeBytes() / 1e9,
        gpu.totalBytes() / 1e9,
        gpu.busId());
    line(
        text,
        "  CUDA         driver up to %s, PyTorch's runtime %s, NCCL %s",
        gpu.driver(),
        gpu.runtime(),
        known(nccl));
  }

  /** What exchanging gradients takes, when nothing of it is hidden. */
  private void appendStep(StringBuilder text) {
    boolean overNccl = ranks.stream().noneMatch(rank -> rank.gpu() == null);
    double slowest =
        ranks.stream()
            .mapToDouble(rank -> overNccl ? rank.speeds().ncclBytes() : rank.speeds().ringBytes())
            .min()
            .orElse(Double.NaN);
    if (ranks.size() > 1 && !Double.isNaN(slowest)) {
      long bytes = Diagnosis.gradientBytes(config);
      line(
          text,
          "A step sums up to %.2f GB of gradients over %d ranks: %.2f s over %s, hidden as far as the backward pass lasts.",
          bytes / 1e9,
          ranks.size(),
          bytes / slowest,
          overNccl ? "NCCL" : "the TCP ring");
    }
  }

  private static String known(String text) {
    return text.isEmpty() ? "unknown" : text;
  }

  private static String number(double value, int digits) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
