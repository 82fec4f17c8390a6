package io.tokenflex.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FreedMemoryTest {
  private static final Path STAT = Path.of("/proc/self/stat");
  private static final int ROUNDS = 10;

  /** Of these glibc gives some 2500 pages back each time, when it is left alone. */
  private static final int TENSORS = 60;

  private static final Shape SHAPE = new Shape(800_000);
  private static final int MAX_FAULTS = 800;

  @Test
  void pagesOfClosedTensorsAreNotTakenAnew() throws IOException {
    assumeThat(STAT).exists();
    assumeThat(FreedMemory.keep()).isTrue();
    allocate();
    long fewest = Long.MAX_VALUE; // other threads touch pages of their own
    for (int round = 0; round < ROUNDS; round++) {
      long before = pageFaults();
      allocate();
      fewest = Math.min(fewest, pageFaults() - before);
    }
    assertThat(fewest).isLessThan(MAX_FAULTS);
  }

  private static void allocate() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      Deque<NDArray> tensors = new ArrayDeque<>();
      for (int i = 0; i < TENSORS; i++) {
        tensors.push(manager.ones(SHAPE));
      }
      while (!tensors.isEmpty()) {
        tensors.pop().close();
      }
    }
  }

  /** Of the whole process, without a disk: the tenth field. */
  private static long pageFaults() throws IOException {
    String stat = Files.readString(STAT);
    return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[7]);
  }

  @Test
  void whoSetsMallocInTheEnvironmentIsObeyed() {
    assertThat(FreedMemory.isSet(Map.of("MALLOC_TRIM_THRESHOLD_", "131072"))).isTrue();
    assertThat(FreedMemory.isSet(Map.of("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1"))).isTrue();
    assertThat(FreedMemory.isSet(Map.of("GLIBC_TUNABLES", "glibc.pthread.rseq=0"))).isFalse();
    assertThat(FreedMemory.isSet(Map.of("MALLOC_ARENA_MAX", "4"))).isFalse();
  }
}
