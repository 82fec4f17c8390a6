package io.tokenflex.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.testing.TinyRun;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("gpu")
class SegmentOverwriteTest {
  @Test
  void longValuesAreCopiedInPiecesToTheSamePlaces() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TokenFlexModel model = TokenFlexModel.create(manager, TinyRun.model(), ComputeType.FP32)) {
      Segment segment = model.parameters().segments().get(0);
      float[] expected = new float[Math.toIntExact(segment.numElements())];
      Random random = new Random(8);
      for (int round = 0; round < 40; round++) {
        float[] values = new float[random.nextInt(60)];
        for (int i = 0; i < values.length; i++) {
          values[i] = random.nextFloat();
        }
        int at = random.nextInt(expected.length - values.length);
        System.arraycopy(values, 0, expected, at, values.length);
        segment.overwrite(segment.weights(), at, values, 1 + random.nextInt(20));
        assertThat(segment.weights().toFloatArray()).as("round %d", round).isEqualTo(expected);
      }
    }
  }
}
