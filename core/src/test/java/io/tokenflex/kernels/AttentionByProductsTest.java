package io.tokenflex.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attention by products in bf16, against PyTorch's in fp32 of the same rounded factors. */
class AttentionByProductsTest {
  /** Roundings to bf16, of 2^-9 each, on the way to a value. */
  private static final double TOLERANCE = 6e-3;

  private static final int HEAD_DIM = 8;

  private NDManager manager;
  private KernelLibrary kernels;

  @BeforeEach
  void load() {
    manager = NDManager.newBaseManager("PyTorch");
    kernels = KernelLibrary.load(manager, KernelVariant.BF16_PROCESSOR);
  }

  @AfterEach
  void close() {
    kernels.close();
    manager.close();
  }

  /** Several blocks of rows, the last one shorter; in the last case several blocks of pairs too. */
  @ParameterizedTest
  @CsvSource({
    "1, 2, 2, 5, false",
    "1, 2, 2, 5, true",
    "2, 4, 2, 150, true",
    "2, 4, 2, 150, false",
    "9, 6, 2, 160, true",
    "9, 6, 2, 160, false"
  })
  void equalsAttentionInFp32(int batch, int heads, int keyHeads, int length, boolean causal) {
    Random random = new Random(5);
    NDArray q = rounded(random, batch, heads, length);
    NDArray k = rounded(random, batch, keyHeads, length);
    NDArray v = rounded(random, batch, keyHeads, length);
    NDArray dO = rounded(random, batch, heads, length);

    NDList kept =
        new NDList(
            kernels.callForList(
                manager, "attention_by_products", q, k, v, causal, true, ComputeType.BF16));
    NDArray o = kept.remove(0);
    NDList gradients = gradients(q, k, v, dO, kept, causal);
    NDList recomputed = gradients(q, k, v, dO, new NDList(), causal);

    NDList leaves = new NDList(leaf(q), leaf(k), leaf(v));
    NDArray exact =
        GradMode.recording(
            () ->
                kernels.call(
                    manager,
                    "attention",
                    leaves.get(0),
                    perHead(leaves.get(1), heads / keyHeads),
                    perHead(leaves.get(2), heads / keyHeads),
                    new NDList(),
                    causal,
                    ComputeType.FP32));
    NDArray[] exactGradients =
        kernels.callForList(manager, "vjp", exact, leaves, new NDList(), widened(dO), new NDList());
    assertThat(distance(o, exact)).as("o").isLessThan(TOLERANCE);
    for (int i = 0; i < leaves.size(); i++) {
      assertThat(gradients.get(i).getShape()).isEqualTo(exactGradients[i].getShape());
      assertThat(distance(gradients.get(i), exactGradients[i])).as("d" + i).isLessThan(TOLERANCE);
      assertThat(widened(recomputed.get(i)).toFloatArray())
          .isEqualTo(widened(gradients.get(i)).toFloatArray());
    }
  }

  private NDList gradients(
      NDArray q, NDArray k, NDArray v, NDArray dO, NDList kept, boolean causal) {
    return new NDList(
        kernels.callForList(
            manager, "attention_by_products_vjp", q, k, v, dO, kept, causal, ComputeType.BF16));
  }

  private NDArray perHead(NDArray x, int repeats) {
    return kernels.call(manager, "per_head", x, repeats);
  }

  private NDArray leaf(NDArray x) {
    return kernels.call(manager, "leaf", widened(x));
  }

  private NDArray widened(NDArray x) {
    return kernels.call(manager, "cast", x, ComputeType.FP32);
  }

  /** Normal values, as a view of an array in the order in which projections write them. */
  private NDArray rounded(Random random, int batch, int heads, int length) {
    Shape shape = new Shape(batch, length, heads, HEAD_DIM);
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    NDArray array = HostArrays.of(manager, values, shape).transpose(0, 2, 1, 3);
    return kernels.call(manager, "cast", array, ComputeType.BF16);
  }

  /** Root mean square of the difference, by that of the exact values. */
  private double distance(NDArray values, NDArray exact) {
    float[] of = widened(values).toFloatArray();
    float[] to = widened(exact).toFloatArray();
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < of.length; i++) {
      difference += Math.pow(of[i] - to[i], 2);
      norm += Math.pow(to[i], 2);
    }
    return Math.sqrt(difference / norm);
  }
}
