package io.tokenflex.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.kernels.KernelLibrary;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ParameterArenaTest {
  private NDManager manager;
  private KernelLibrary kernels;
  private Segment segment;
  private ParameterArena arena;

  @BeforeEach
  void open() {
    manager = NDManager.newBaseManager("PyTorch");
    kernels = KernelLibrary.load(manager);
    segment = TestSegments.of(manager, kernels, new Shape(2, 2), new Shape(3));
    arena = new ParameterArena(List.of(segment));
  }

  @AfterEach
  void close() {
    kernels.close();
    manager.close();
  }

  @Test
  void aParameterIsOverwrittenWholeOrPieceByPiece() {
    arena.set("p1", new float[] {5, 6, 7});
    arena.set("p0", 0, new float[] {1});
    arena.set("p0", 1, new float[] {2, 3, 4});
    assertThat(segment.weights().toFloatArray()).containsExactly(1, 2, 3, 4, 5, 6, 7);
  }

  @Test
  void packedWeightsAreComputedWithAndNoLongerRead() {
    Segment frozen =
        new SegmentLayout()
            .operand("w", Specs.matrix("matrix", 3, 2))
            .operand("b", Specs.ones("ones", 3))
            .allocate(manager, kernels, "frozen");
    ParameterArena weights = new ParameterArena(List.of(frozen));
    weights.set("ones", new float[] {5, 6, 7});
    frozen.pack(ComputeType.FP32, ParameterSpec::isLinear);
    assertThat(frozen.argument("b").get(0).toFloatArray()).containsExactly(5, 6, 7);
    assertThat(frozen.argument("w").get(0)).isSameAs(frozen.operands().get(0));
    assertThatThrownBy(weights::digest)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("are packed for generation; load the model again");
    assertThatThrownBy(() -> segment.pack(ComputeType.FP32, ParameterSpec::isLinear))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("trains or is packed already");
  }

  @Test
  void whatDoesNotFitIsRefusedAndNothingChanges() {
    assertThatThrownBy(() -> arena.set("p2", new float[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The model has no parameter p2");
    assertThatThrownBy(() -> arena.set("p1", new float[] {1, 1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Parameter p1 has the shape (3); got 2 values");
    assertThatThrownBy(() -> arena.set("p0", 3, new float[] {1, 1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Parameter p0 has the shape (2, 2); got 2 values from element 3 on");
    assertThat(segment.weights().toFloatArray()).containsOnly(0);
  }
}
