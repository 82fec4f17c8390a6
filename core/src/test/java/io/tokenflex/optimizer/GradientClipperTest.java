package io.tokenflex.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.kernels.KernelLibrary;
import io.tokenflex.model.Segment;
import io.tokenflex.model.TestSegments;
import io.tokenflex.testing.TinyRun;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("gpu")
class GradientClipperTest {
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

  /** With a largest norm of 1; the loss lies before the tokens here. */
  private NDList division(float tokens, float loss, float norm) {
    NDArray sums = manager.create(new float[] {loss, tokens, norm});
    return new GradientClipper(kernels, 1).division(manager, sums, 1, 0);
  }

  @ParameterizedTest
  @CsvSource({"4, 2, 4", "4, 4, 4.000004", "4, 8, 8.000004", "1, 0, 1", "7, 0, 7"})
  void aMeanWhoseNormIsTooLargeIsDividedByMore(float tokens, float norm, float divisor) {
    NDList division = division(tokens, 3, norm);
    assertThat(division.get(0).getFloat()).isCloseTo(divisor, within(1e-6f * divisor));
    assertThat(division.get(1).getFloat()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 0", "4, NaN, 1", "4, 1, NaN", "4, 1, Infinity", "4, -Infinity, 1"})
  void nothingIsLearntFromWhatIsNoNumberOrFromNoToken(float tokens, float loss, float norm) {
    NDList division = division(tokens, loss, norm);
    assertThat(division.get(1).getFloat()).isEqualTo(1);

    Segment segment = TestSegments.of(manager, kernels, new Shape(2, 20), new Shape(3));
    float[] weights = new float[43];
    Arrays.fill(weights, 0.5f);
    segment.overwrite(segment.weights(), 0, weights);
    float[] broken = new float[43];
    Arrays.fill(broken, Float.NaN);
    segment.overwrite(segment.gradients(), 0, broken);
    AdamW adamW = new AdamW(manager, kernels, List.of(segment), TinyRun.optimizer());
    adamW.update(division, 1, 0.1);

    assertThat(segment.weights().toFloatArray()).isEqualTo(weights);
    assertThat(adamW.firstMoments().get(0).toFloatArray()).containsOnly(0);
    assertThat(adamW.secondMoments().get(0).toFloatArray()).containsOnly(0);
  }

  @Test
  void gradientsBecomeTheirMeans() {
    Segment segment = TestSegments.of(manager, kernels, new Shape(1, 2), new Shape(2));
    segment.overwrite(segment.gradients(), 0, new float[] {1, 2, 3, 4});
    new AdamW(manager, kernels, List.of(segment), TinyRun.optimizer())
        .update(division(4, 1, 1), 1, 0.1);
    assertThat(segment.gradients().toFloatArray()).containsExactly(0.25f, 0.5f, 0.75f, 1);
  }
}
