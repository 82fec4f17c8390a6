package io.tokenflex.bench;

import io.tokenflex.model.LanguageConfig;
import io.tokenflex.model.ModelConfig;
import io.tokenflex.model.Pooling;
import io.tokenflex.model.ProjectorConfig;
import io.tokenflex.model.VisionConfig;
import java.util.Arrays;

/**
 * The models that benchmarks train: a SigLIP-like tower at 224 pixels with 256 patches, the paper's
 * projector, a Qwen2-like decoder. Named by their parameters in millions.
 */
@SuppressWarnings("ImmutableEnumChecker") // a record of records and numbers
enum BenchModel {
  M1(64, 2, 2, 96, 2, 4, 256, 4096),
  M5(128, 4, 2, 192, 4, 6, 512, 8192),
  M20(256, 6, 4, 384, 6, 6, 1024, 8192),
  M60(384, 8, 6, 512, 10, 8, 1408, 16_384),
  M150(512, 12, 8, 768, 12, 12, 2048, 32_768),
  M300(768, 12, 12, 1024, 16, 16, 2816, 32_768);

  static final int IMAGE_SIZE = 224;
  private static final int PATCH_SIZE = 14;
  private static final int MAX_POSITIONS = 4096;

  private final ModelConfig config;

  BenchModel(
      int visionWidth,
      int visionLayers,
      int visionHeads,
      int width,
      int layers,
      int heads,
      int inner,
      int vocabulary) {
    config =
        new ModelConfig(
            new VisionConfig(
                visionWidth,
                4 * visionWidth,
                visionLayers,
                visionHeads,
                IMAGE_SIZE,
                PATCH_SIZE,
                1e-6),
            new ProjectorConfig(3 * visionWidth, 1e-5, Pooling.ADAPTIVE),
            new LanguageConfig(
                vocabulary,
                width,
                inner,
                layers,
                heads,
                heads / 2,
                width / heads,
                MAX_POSITIONS,
                1e6,
                1e-6,
                true));
  }

  /** The model named {@code 20m} or alike. */
  static BenchModel of(String name) {
    for (BenchModel model : values()) {
      if (model.toString().equals(name)) {
        return model;
      }
    }
    throw new IllegalArgumentException(
        "No benchmark model is called '%s'; expected one of %s"
            .formatted(name, Arrays.toString(values())));
  }

  ModelConfig config() {
    return config;
  }

  @Override
  public String toString() {
    return name().substring(1) + "m";
  }
}
