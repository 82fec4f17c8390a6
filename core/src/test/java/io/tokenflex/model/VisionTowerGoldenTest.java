package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.tokenflex.Golden;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.kernels.KernelLibrary;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("gpu")
class VisionTowerGoldenTest {
  @ParameterizedTest
  @EnumSource
  void everyLayerAndEveryGradientEqualsSiglip(ActivationPolicy policy) {
    Golden golden = Golden.load("vision");
    VisionConfig config = GoldenConfigs.vision(golden.config().get("vision_config"));
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        KernelLibrary kernels = KernelLibrary.load(manager);
        Tape tape = new Tape(kernels, manager, policy)) {
      VisionTower tower = new VisionTower(manager, kernels, config, ComputeType.FP32);
      List<Layer> layers = tower.layers();
      ParameterArena arena = new ParameterArena(layers.stream().map(Layer::segment).toList());
      golden.below("weights.").forEach(arena::set);
      arena.segments().forEach(Segment::enableTraining);

      NDArray x = golden.array(manager, "inputs.pixel_values");
      for (int i = 0; i < layers.size(); i++) {
        x = tape.apply(layers.get(i), x);
        boolean last = i == layers.size() - 1;
        golden.assertClose("outputs." + (last ? "last_hidden_state" : "hidden_states." + i), x);
      }
      tape.backward(golden.array(manager, "inputs.upstream"), false, segment -> {});

      arena.namedGradients().forEach((name, g) -> golden.assertClose("grads." + name, g));
    }
  }
}
