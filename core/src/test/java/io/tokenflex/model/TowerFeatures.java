package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.kernels.ComputeType;

/** What a model's vision tower alone makes of pictures, for tests outside of this package. */
public final class TowerFeatures {
  private TowerFeatures() {}

  /** Features_IPD of pixels_ICYX, with the model's own weights. */
  public static float[] of(TokenFlexModel model, float[] pixels_ICYX, int images) {
    try (NDManager manager = model.manager().newSubManager()) {
      VisionTower tower =
          new VisionTower(manager, model.kernels(), model.config().vision(), ComputeType.FP32);
      ParameterArena arena =
          new ParameterArena(tower.layers().stream().map(Layer::segment).toList());
      var weights = model.parameters().namedWeights();
      arena
          .namedWeights()
          .keySet()
          .forEach(name -> arena.set(name, weights.get(name).toFloatArray()));
      int side = model.config().vision().imageSize();
      NDArray x = manager.create(pixels_ICYX, new Shape(images, 3, side, side));
      for (Layer layer : tower.layers()) {
        x = layer.forward(manager, x);
      }
      return x.toFloatArray();
    }
  }
}
