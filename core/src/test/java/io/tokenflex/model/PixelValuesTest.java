package io.tokenflex.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.batches.Pixels;
import io.tokenflex.image.LevelNormalization;
import io.tokenflex.kernels.DeviceCopies;
import io.tokenflex.kernels.HostMemory;
import io.tokenflex.kernels.KernelLibrary;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("gpu")
class PixelValuesTest {
  private static final int SIDE = 16;
  private static final int PLANE = SIDE * SIDE;
  private static final int IMAGES = 2;

  private static final List<LevelNormalization> NORMALIZATIONS =
      List.of(
          LevelNormalization.SIGLIP,
          LevelNormalization.CLIP,
          LevelNormalization.IMAGENET,
          LevelNormalization.SIGLIP,
          new LevelNormalization(1, List.of(127.5f, 100f, 0f), List.of(3f, 7f, 1e-3f)));

  /** Every level in every plane, in another order in each. */
  private static byte[] everyLevel() {
    byte[] levels = new byte[IMAGES * 3 * PLANE];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = (byte) (i % PLANE * 77 + i / PLANE * 31);
    }
    return levels;
  }

  /** As transformers normalizes: rescaled in double, rounded, then in single precision. */
  private static float[] expected(byte[] levels, LevelNormalization normalization) {
    float[] values = new float[levels.length];
    for (int i = 0; i < levels.length; i++) {
      int channel = i / PLANE % 3;
      float rescaled = (float) ((levels[i] & 255) * normalization.rescaleFactor());
      float mean = normalization.mean().get(channel);
      values[i] = (rescaled - mean) / normalization.std().get(channel);
    }
    return values;
  }

  @Test
  void everyLevelHasTheBitsOfTheHostsNormalization() {
    byte[] levels = everyLevel();
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        KernelLibrary kernels = KernelLibrary.load(manager)) {
      DeviceCopies copies = new DeviceCopies(kernels, manager);
      PixelValues pixelValues = new PixelValues(manager, kernels, copies, SIDE);
      for (LevelNormalization normalization : NORMALIZATIONS) {
        Pixels pixels = new Pixels.Levels(levels, normalization);
        NDArray values = pixelValues.of(manager, pixels, IMAGES);
        assertThat(values.getShape()).isEqualTo(new Shape(IMAGES, 3, SIDE, SIDE));
        assertThat(HostMemory.floats(values))
            .as("%s", normalization)
            .isEqualTo(expected(levels, normalization))
            .isEqualTo(normalization.apply(levels, PLANE));
      }
    }
  }
}
