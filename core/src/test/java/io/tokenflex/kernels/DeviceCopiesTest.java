package io.tokenflex.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("gpu")
class DeviceCopiesTest {
  @Test
  void vectorsOfAllLengthsArriveInOneCopy() {
    long[][] vectors = {{7, Long.MIN_VALUE, -1}, {}, LongStream.range(0, 1000).toArray(), {42}};
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        KernelLibrary kernels = KernelLibrary.load(manager)) {
      NDArray[] copies = new DeviceCopies(kernels, manager).of(manager, vectors);
      assertThat(copies).hasSize(vectors.length);
      for (int i = 0; i < vectors.length; i++) {
        assertThat(copies[i].getDevice()).isEqualTo(manager.getDevice());
        assertThat(HostMemory.longs(copies[i])).as("vector %d", i).containsExactly(vectors[i]);
      }
    }
  }
}
