package io.tokenflex.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.Golden;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.kernels.HostArrays;
import io.tokenflex.kernels.HostMemory;
import io.tokenflex.kernels.KernelLibrary;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LossChunkTest {
  private static final int QWEN2_VOCABULARY = 151_936;

  @ParameterizedTest
  @CsvSource({"8, 128", "24, 512", "80, 1664", "141, 3072", "1000, 4096"})
  void logitsTakeAThirtySecondOfAGpusMemory(long gibibytes, int rows) {
    assertThat(LossChunk.rows(gibibytes << 30, QWEN2_VOCABULARY)).isEqualTo(rows);
  }

  @Test
  void onACpuMemoryDoesNotDecideTheOrderOfSummation() {
    assertThat(LossChunk.rowsOn(Device.cpu(), QWEN2_VOCABULARY)).isEqualTo(512);
    assertThat(LossChunk.rowsOn(Device.cpu(), 100)).isEqualTo(512);
  }

  /** 9 rows in chunks of 4, the last one shorter, and in one. */
  @Test
  @Tag("gpu")
  void chunksAddUpToTheWhole() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        KernelLibrary kernels = KernelLibrary.load(manager)) {
      NDArray[] whole = pass(manager, kernels, 100);
      NDArray[] chunks = pass(manager, kernels, 4);
      for (int i = 0; i < whole.length; i++) {
        float[] expected = HostMemory.floats(whole[i]);
        assertThat(expected).isNotEqualTo(new float[expected.length]);
        Golden.assertClose("result " + i, HostMemory.floats(chunks[i]), expected);
      }
    }
  }

  /** Loss, gradient of the hidden states, of the head and of the norm. */
  private static NDArray[] pass(NDManager manager, KernelLibrary kernels, int chunk) {
    Random random = new Random(11);
    NDArray x = LayerPass.normal(manager, random, new Shape(2, 6, 8));
    NDArray head = LayerPass.normal(manager, random, new Shape(20, 8));
    NDArray norm = LayerPass.normal(manager, random, new Shape(8));
    NDArray headGradient = manager.zeros(head.getShape());
    NDArray normGradient = manager.zeros(norm.getShape());
    NDArray[] lossAndGradient =
        kernels.callForList(
            manager,
            "head_loss_vjp",
            x,
            new NDList(head, norm),
            HostArrays.of(manager, LongStream.range(1, 10).toArray()),
            HostArrays.of(manager, LongStream.range(5, 14).toArray()),
            chunk,
            1e-6,
            ComputeType.FP32,
            new NDList(headGradient),
            new NDList(normGradient));
    return new NDArray[] {lossAndGradient[0], lossAndGradient[1], headGradient, normGradient};
  }
}
