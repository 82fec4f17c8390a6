package io.tokenflex.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.distributed.Precision;
import io.tokenflex.distributed.ProcessGroup;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.testing.PlayedGroup;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PrecisionTest {
  private static final long LARGE = 20_000_000;

  /** Answers of the other ranks: 0 has no bf16, 1 a CPU with it, 2 a GPU with it. */
  private static ProcessGroup besides(Integer... others) {
    return new PlayedGroup(
        0, Stream.of(others).map(other -> new byte[] {other.byteValue()}).toList());
  }

  @Test
  void bf16IsChosenWhereAllRanksMultiplyItAndTheModelIsLarge() {
    assertThat(auto(false, true, LARGE, 1).type()).isEqualTo(ComputeType.BF16);
    assertThat(auto(true, true, LARGE, 2).type()).isEqualTo(ComputeType.BF16);
  }

  @Test
  void theRanksWithoutBf16AreNamed() {
    assertThat(auto(false, true, LARGE, 1, 0))
        .isEqualTo(
            new Precision.Choice(ComputeType.FP32, "no bf16 products in the hardware of rank 2"));
    assertThat(auto(false, false, LARGE, 0).reason()).endsWith("of any rank");
    assertThat(auto(false, false, LARGE).reason()).endsWith("of this rank");
    assertThat(auto(false, true, LARGE, 0, 0, 0, 0, 0, 0, 0, 0, 0).reason())
        .endsWith("of ranks 1, 2, 3, 4, 5, 6, 7, 8, ...");
  }

  @Test
  void aSmallModelOnCpusIsTrainedInFp32AndTheReasonSaysSo() {
    Precision.Choice small = auto(false, true, 700_000, 1);

    assertThat(small.type()).isEqualTo(ComputeType.FP32);
    assertThat(small.reason()).contains("below 10 million", "0.7 million");
    assertThat(auto(true, true, 700_000, 2).type()).isEqualTo(ComputeType.BF16);
    assertThat(auto(true, true, 700_000, 1).type())
        .as("a GPU beside a CPU")
        .isEqualTo(ComputeType.FP32);
  }

  @Test
  void whatIsAskedForIsTaken() {
    assertThat(Precision.BF16.resolve(besides(0), false, false, 1))
        .isEqualTo(new Precision.Choice(ComputeType.BF16, "as set"));
    assertThat(Precision.FP32.resolve(besides(1), true, true, LARGE).type())
        .isEqualTo(ComputeType.FP32);
  }

  private static Precision.Choice auto(
      boolean gpu, boolean bf16, long numParameters, Integer... others) {
    return Precision.AUTO.resolve(besides(others), gpu, bf16, numParameters);
  }
}
