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
import java.io.ByteArrayInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
    kernels.run("scale_", new NDList(values), 2.0);
    assertThat(values.toFloatArray()).containsExactly(6, 8);
  }

  @Test
  void wrongSourceFailsWithItsLineAndNumber() {
    String source =
        """
        class Kernels(Module):
          training : bool
          def twice(self, x: Tensor) -> Tensor:
            return x * unknown
        """;
    ByteArrayInputStream archive = new ByteArrayInputStream(ScriptArchive.of(source));
    assertThatThrownBy(() -> JniUtils.loadModule((PtNDManager) manager, archive, true, false))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("undefined value unknown")
        .hasMessageContaining("kernels.py\", line 4")
        .hasMessageContaining("return x * unknown");
  }

  @Test
  void anArgumentOfNoKernelTypeIsNamed() {
    NDList values = new NDList(manager.ones(new Shape(1)));
    assertThatThrownBy(() -> kernels.run("scale_", values, "2"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Argument 1 of kernel scale_ is a java.lang.String; see KernelLibrary for the types a"
                + " kernel takes");
    assertThatThrownBy(() -> kernels.run("scale_", null, 2.0))
        .hasMessage(
            "Argument 0 of kernel scale_ is a null; see KernelLibrary for the types a kernel takes");
  }

  @Test
  void anArgumentThatTheFunctionDoesNotTakeFailsWithTorchScriptsMessage() {
    NDArray one = manager.create(1f);
    assertThatThrownBy(() -> kernels.run("scale_", one, 2.0))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("scale_")
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
