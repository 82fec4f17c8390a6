package io.tokenflex.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import com.sun.jna.NativeLibrary;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KernelLibraryTest {
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

  @Test
  void functionsWorkInPlaceOnTheirArguments() {
    NDArray values = manager.create(new float[] {3, 4});
    try (NDArray norm = kernels.call(manager, "global_norm", new NDList(values))) {
      assertThat(norm.getFloat()).isEqualTo(5);
    }
    kernels.run("zero_", new NDList(values));
    assertThat(values.toFloatArray()).containsExactly(0, 0);
  }

  /** In tests with one thread; that OpenMP's default is all cores can be seen on two or more. */
  @Test
  void theFirstCallOnAThreadSharesItsProductsByTheEnginesNumberOfThreads() throws Exception {
    int expected = JniUtils.getNumThreads();
    ExecutorService fresh = Executors.newSingleThreadExecutor();
    try {
      Callable<Integer> firstCall =
          () -> {
            kernels.run("zero_", new NDList(manager.create(1f)));
            return openMp().getFunction("omp_get_max_threads").invokeInt(new Object[0]);
          };
      assertThat(fresh.submit(firstCall).get()).isEqualTo(expected);
    } finally {
      fresh.shutdown();
    }
  }

  /** The OpenMP that libtorch has loaded. */
  private static NativeLibrary openMp() throws IOException {
    try (Stream<String> mapped = Files.lines(Path.of("/proc/self/maps"))) {
      return NativeLibrary.getInstance(
          mapped
              .filter(line -> line.contains("libgomp"))
              .map(line -> line.substring(line.indexOf('/')))
              .findFirst()
              .orElseThrow());
    }
  }

  /** Whole numbers up to 256, which neither type rounds. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void productsOfBf16AreThoseOfHardwareOrRounded(boolean widens) {
    try (KernelLibrary other =
        KernelLibrary.load(manager, new KernelVariant(widens, false, false, false))) {
      NDArray x = whole(new Shape(5, 16));
      NDArray w = whole(new Shape(7, 16));
      NDArray bias = manager.create(new float[] {1, -2, 3, -4, 5, -6, 1 + 1 / 512f});
      NDArray y = other.call(manager, "linear", rounded(x), w, new NDList(bias), ComputeType.BF16);

      float[] expected = x.matMul(w.transpose()).toFloatArray();
      for (int i = 0; i < expected.length; i++) {
        expected[i] += new float[] {1, -2, 3, -4, 5, -6, 1}[i % 7];
      }
      assertThat(kernels.call(manager, "cast", y, ComputeType.FP32).toFloatArray())
          .isEqualTo(expected);
    }
  }

  @Test
  void widenedProductsAreRoundedToBf16() {
    try (KernelLibrary wide = KernelLibrary.load(manager, KernelVariant.PROCESSOR)) {
      NDArray x = manager.create(new float[] {256}, new Shape(1, 1));
      NDArray one = manager.ones(new Shape(1, 1));
      NDArray y =
          wide.call(
              manager, "linear", rounded(x), one, new NDList(one.flatten()), ComputeType.BF16);
      assertThat(kernels.call(manager, "cast", y, ComputeType.FP32).getFloat(0, 0))
          .isEqualTo(256); // 257 has nine binary digits, bf16 eight
    }
  }

  private NDArray whole(Shape shape) {
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 5 % 7 - 3;
    }
    return manager.create(values, shape);
  }

  private NDArray rounded(NDArray values) {
    return kernels.call(manager, "cast", values, ComputeType.BF16);
  }

  @Test
  void wrongSourceFailsWithItsLineAndNumber() {
    String source =
        """
        class Kernels(Module):
          training : bool
          widens : bool
          def twice(self, x: Tensor) -> Tensor:
            return x * unknown
        """;
    ByteArrayInputStream archive =
        new ByteArrayInputStream(ScriptArchive.of(source, Map.of("widens", false)));
    assertThatThrownBy(() -> JniUtils.loadModule((PtNDManager) manager, archive, true, false))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("undefined value unknown")
        .hasMessageContaining("kernels.py\", line 5")
        .hasMessageContaining("return x * unknown");
  }

  @Test
  void anArgumentOfNoKernelTypeIsNamed() {
    NDArray values = manager.ones(new Shape(1));
    assertThatThrownBy(() -> kernels.run("cast", values, "2"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Argument 1 of kernel cast is a java.lang.String; see KernelLibrary for the types a"
                + " kernel takes");
    assertThatThrownBy(() -> kernels.run("cast", null, ComputeType.FP32))
        .hasMessage(
            "Argument 0 of kernel cast is a null; see KernelLibrary for the types a kernel takes");
  }

  @Test
  void anArgumentThatTheFunctionDoesNotTakeFailsWithTorchScriptsMessage() {
    NDArray one = manager.create(1f);
    assertThatThrownBy(() -> kernels.run("zero_", one))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("zero_")
        .hasMessageContaining("List[Tensor]");
  }

  @Test
  void gradModeNestsAndIsRestoredAfterAFailure() {
    boolean before = JniUtils.isGradMode();
    GradMode.off(
        () -> {
          assertThat(JniUtils.isGradMode()).isFalse();
          assertThat(GradMode.<Boolean>recording(JniUtils::isGradMode)).isTrue();
          assertThat(JniUtils.isGradMode()).isFalse();
          return null;
        });
    assertThatThrownBy(
            () ->
                GradMode.off(
                    () -> {
                      throw new IllegalStateException("inside");
                    }))
        .hasMessage("inside");
    assertThat(JniUtils.isGradMode()).isEqualTo(before);
  }
}
