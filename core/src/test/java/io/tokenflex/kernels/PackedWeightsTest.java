package io.tokenflex.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PackedWeightsTest {
  private NDManager manager;
  private KernelLibrary kernels;

  @BeforeEach
  void load() {
    manager = NDManager.newBaseManager("PyTorch");
    kernels = KernelLibrary.load(manager);
  }

  @AfterEach
  void close() {
    kernels.close();
    manager.close();
  }

  @ParameterizedTest
  @EnumSource(ComputeType.class)
  void productsAreThoseOfTheWeights(ComputeType type) {
    NDArray x = kernels.call(manager, "cast", drawn(10, 400), type);
    NDArray w = drawn(420, 400);
    NDList bias = new NDList(drawn(1, 420).reshape(420));
    try (KernelLibrary unpacked = KernelLibrary.loadUnpacked(manager)) {
      float[] expected = product(kernels, x, w, bias, type);
      assertThat(product(kernels, x, kernels.call(manager, "pack", w, type), bias, type))
          .usingComparatorWithPrecision(type == ComputeType.FP32 ? 1e-4f : 0.5f)
          .containsExactly(expected);
      assertThat(product(unpacked, x, unpacked.call(manager, "pack", w, type), bias, type))
          .containsExactly(expected);
    }
  }

  /**
   * Shapes at which oneDNN sums in another order from about 80 rows on, or with two threads, and
   * one that is too small to be packed.
   */
  @ParameterizedTest
  @CsvSource({"4864,224", "1152,430", "36,50"})
  void whatARowComesToDoesNotDependOnTheRowsBesideIt(int inputs, int outputs) {
    NDArray w = kernels.call(manager, "pack", drawn(outputs, inputs), ComputeType.FP32);
    NDArray all = drawn(300, inputs);
    float[] whole = rowsProduct(all, w);
    for (int rows : new int[] {4, 8, 60, 64, 68, 84, 128, 296}) {
      for (int start : new int[] {0, 4}) {
        NDArray some = all.get(start + ":" + (start + rows)).reshape(1, rows, inputs);
        assertThat(rowsProduct(some, w))
            .as("%d rows from %d on", rows, start)
            .containsExactly(Arrays.copyOfRange(whole, start * outputs, (start + rows) * outputs));
      }
    }
  }

  @Test
  void rowsKeepTheirShape() {
    NDArray w = kernels.call(manager, "pack", drawn(420, 400), ComputeType.FP32);
    NDArray x = drawn(90, 400).reshape(90, 1, 400);
    NDArray y = kernels.call(manager, "rows_linear", x, w, new NDList(), ComputeType.FP32);
    assertThat(y.getShape()).isEqualTo(new Shape(90, 1, 420));
  }

  private float[] rowsProduct(NDArray x, NDArray w) {
    return HostMemory.floats(
        kernels.call(manager, "rows_linear", x, w, new NDList(), ComputeType.FP32));
  }

  private float[] product(
      KernelLibrary library, NDArray x, NDArray w, NDList bias, ComputeType type) {
    NDArray y = library.call(manager, "linear", x, w, bias, type);
    return HostMemory.floats(library.call(manager, "cast", y, ComputeType.FP32));
  }

  private NDArray drawn(int rows, int columns) {
    Random random = new Random(rows * 1000L + columns);
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return HostArrays.of(manager, values, new Shape(rows, columns));
  }
}
