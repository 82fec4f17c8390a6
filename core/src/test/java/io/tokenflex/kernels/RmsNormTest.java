package io.tokenflex.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The formula of RMSNorm beside PyTorch's operators and autograd, to the last bit. */
class RmsNormTest {
  private static final double EPS = 1e-6;

  @ParameterizedTest
  @CsvSource({"2, 37, 96", "1, 300, 257", "4, 5, 1024"})
  void isPyTorchs(int batch, int length, int width) {
    Random random = new Random(7);
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        KernelLibrary kernels = KernelLibrary.load(manager)) {
      NDArray x = normal(manager, random, batch, length, width);
      NDArray w = normal(manager, random, width);
      NDArray g = normal(manager, random, batch, length, width);
      NDList leaves =
          new NDList(kernels.call(manager, "leaf", x), kernels.call(manager, "leaf", w));
      NDArray y =
          GradMode.recording(
              () ->
                  kernels.call(
                      manager, "vision_norm", leaves.get(0), new NDList(leaves.get(1)), EPS));
      NDArray[] expected =
          kernels.callForList(manager, "vjp", y, leaves, new NDList(), g, new NDList());

      NDArray[] parts = kernels.callForList(manager, "rms_normalized", x, EPS);
      assertEqual("y", parts[0].mul(w), y);
      NDArray[] dx = kernels.callForList(manager, "rms_norm_vjp", g, x, w, parts[1]);
      assertEqual("dx", dx[0].add(dx[1]), expected[0]);
      assertEqual("dw", kernels.call(manager, "rms_norm_weight_vjp", g, parts[0]), expected[1]);
    }
  }

  private static void assertEqual(String what, NDArray actual, NDArray expected) {
    assertThat(actual.toFloatArray()).as(what).isEqualTo(expected.toFloatArray());
  }

  private static NDArray normal(NDManager manager, Random random, long... shape) {
    float[] values = new float[(int) new Shape(shape).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return HostArrays.of(manager, values, new Shape(shape));
  }
}
