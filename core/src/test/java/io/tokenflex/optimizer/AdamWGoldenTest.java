package io.tokenflex.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import io.tokenflex.Golden;
import io.tokenflex.kernels.HostMemory;
import io.tokenflex.kernels.KernelLibrary;
import io.tokenflex.model.Segment;
import io.tokenflex.model.TestSegments;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("gpu")
class AdamWGoldenTest {
  /** The reference decays both; what has two sides is decayed here. */
  private static final Shape DECAYED_VECTOR = new Shape(1, 11);

  private final Golden golden = Golden.load("adamw");
  private Segment segment;

  private static OptimizerConfig config(JsonNode json) {
    JsonNode optimizer = json.get("optimizer");
    return new OptimizerConfig(
        optimizer.get("lr").doubleValue(),
        0,
        1,
        optimizer.get("betas").get(0).doubleValue(),
        optimizer.get("betas").get(1).doubleValue(),
        optimizer.get("eps").doubleValue(),
        optimizer.get("weight_decay").doubleValue(),
        json.get("max_grad_norm").doubleValue());
  }

  @Test
  void parametersMomentsAndNormsEqualTorchAfterEveryStep() {
    OptimizerConfig config = config(golden.config());
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        KernelLibrary kernels = KernelLibrary.load(manager)) {
      segment =
          TestSegments.of(
              manager, kernels, golden.shape("inputs.parameters.matrix"), DECAYED_VECTOR);
      AdamW adamW = new AdamW(manager, kernels, List.of(segment), config);
      GradientClipper clipper = new GradientClipper(kernels, config.maxGradNorm());
      overwrite(segment.weights(), "inputs.parameters");
      for (int step = 1; step <= golden.config().get("steps").intValue(); step++) {
        overwrite(segment.gradients(), "inputs.grads.step" + step);
        NDList gradients = new NDList(segment.gradients());
        NDArray counts = manager.create(new float[] {1, 0}); // token, loss
        NDArray sums = kernels.call(manager, "totals_and_norm", counts, gradients);
        adamW.update(clipper.division(manager, sums, 0, 1), step, config.learningRate());

        double norm = HostMemory.floats(sums)[2];
        float expectedNorm = golden.floats("outputs.grad_norms")[step - 1];
        assertThat(norm).as("norm %d", step).isCloseTo(expectedNorm, within(1e-6 * expectedNorm));
        String outputs = "outputs.step" + step;
        assertEquals(segment.weights(), outputs + ".parameters", 1e-6f);
        assertEquals(adamW.firstMoments().get(0), outputs + ".m", 1e-7f);
        assertEquals(adamW.secondMoments().get(0), outputs + ".v", 1e-8f);
      }
    }
  }

  @Test
  void matricesDecayAndVectorsDoNot() {
    OptimizerConfig config = config(golden.config());
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        KernelLibrary kernels = KernelLibrary.load(manager)) {
      segment = TestSegments.of(manager, kernels, new Shape(1, 2), new Shape(2));
      segment.overwrite(segment.weights(), 0, new float[] {1, 2, 1, 2});
      new AdamW(manager, kernels, List.of(segment), config)
          .update(division(manager, 1, 0), 1, config.learningRate());
      float kept = (float) (1 - config.learningRate() * config.weightDecay());
      assertThat(segment.weights().toFloatArray()).containsExactly(kept, 2 * kept, 1, 2);
    }
  }

  private static NDList division(NDManager manager, float divisor, float skip) {
    return new NDList(manager.create(divisor), manager.create(skip));
  }

  private void overwrite(NDArray slice, String prefix) {
    segment.overwrite(slice, 0, flat(prefix));
  }

  private void assertEquals(NDArray slice, String prefix, float tolerance) {
    assertThat(slice.toFloatArray())
        .as(prefix)
        .containsExactly(flat(prefix), Offset.offset(tolerance));
  }

  /** The matrix, then the vector, as they lie in the segment. */
  private float[] flat(String prefix) {
    float[] matrix = golden.floats(prefix + ".matrix");
    float[] vector = golden.floats(prefix + ".vector");
    float[] flat = new float[matrix.length + vector.length];
    System.arraycopy(matrix, 0, flat, 0, matrix.length);
    System.arraycopy(vector, 0, flat, matrix.length, vector.length);
    return flat;
  }
}
