package io.tokenflex.distributed;

import ai.djl.Device;
import io.tokenflex.kernels.ComputeType;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** How the compute type of a run or an evaluation is chosen. */
public enum Precision {
  /** bf16 where every rank's hardware multiplies it and the model is large enough, else fp32. */
  AUTO,
  FP32,
  BF16;

  /**
   * A smaller model is trained in fp32 on CPUs. With bf16 products in hardware 20 million
   * parameters train 1.8 times as fast as in fp32, 5 million 1.6 times and 1 million 1.3 times; but
   * 0.7 million learn less in bf16 from scratch, and how much larger ones do was not measured.
   */
  static final long MIN_CPU_PARAMETERS = 10_000_000;

  private static final byte NO_BF16 = 0;
  private static final byte BF16_ON_CPU = 1;
  private static final byte BF16_ON_GPU = 2;

  /**
   * What is computed in.
   *
   * @param reason why, for people: the end of a sentence
   */
  public record Choice(ComputeType type, String reason) {}

  /**
   * The type that answers are computed in on a device: what is chosen automatically is fp32 on a
   * CPU, where bf16 would make answers depend on the processor and on what else is in a batch.
   */
  public ComputeType resolveForAnswers(Device device) {
    if (this != AUTO) {
      return ComputeType.valueOf(name());
    }
    return device.isGpu() && ComputeType.BF16.isInHardware(device)
        ? ComputeType.BF16
        : ComputeType.FP32;
  }

  /**
   * The type that all ranks of {@code group} compute in; a collective call.
   *
   * @param numParameters of the model
   */
  public Choice resolve(ProcessGroup group, Device device, long numParameters) {
    return resolve(group, device.isGpu(), ComputeType.BF16.isInHardware(device), numParameters);
  }

  public Choice resolve(
      ProcessGroup group, boolean gpu, boolean bf16InHardware, long numParameters) {
    if (this != AUTO) {
      return new Choice(ComputeType.valueOf(name()), "as set");
    }
    byte mine = !bf16InHardware ? NO_BF16 : gpu ? BF16_ON_GPU : BF16_ON_CPU;
    List<byte[]> answers = group.allGather(new byte[] {mine});
    List<Integer> without =
        IntStream.range(0, answers.size())
            .filter(r -> answers.get(r)[0] == NO_BF16)
            .boxed()
            .toList();
    if (!without.isEmpty()) {
      return new Choice(
          ComputeType.FP32,
          "no bf16 products in the hardware of " + ranks(without, answers.size()));
    }
    boolean onCpu = answers.stream().anyMatch(answer -> answer[0] == BF16_ON_CPU);
    if (onCpu && numParameters < MIN_CPU_PARAMETERS) {
      return new Choice(
          ComputeType.FP32,
          String.format(
              Locale.ROOT,
              "below %d million parameters bf16 saves less on a CPU and its rounding may cost: this model has %.1f million",
              MIN_CPU_PARAMETERS / 1_000_000,
              numParameters / 1e6));
    }
    return new Choice(ComputeType.BF16, "in the hardware of every rank");
  }

  private static String ranks(List<Integer> without, int worldSize) {
    if (without.size() == worldSize) {
      return worldSize == 1 ? "this rank" : "any rank";
    }
    String shown = without.stream().limit(8).map(String::valueOf).collect(Collectors.joining(", "));
    return (without.size() == 1 ? "rank " : "ranks ") + shown + (without.size() > 8 ? ", ..." : "");
  }
}
