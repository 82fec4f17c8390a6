package io.tokenflex.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("gpu")
class HostMemoryTest {
  /** How DJL itself reads an array. */
  private static final Set<String> DJL_READS =
      Set.of("toByteBuffer", "toFloatArray", "toLongArray", "getFloat", "toArray");

  private NDManager manager;

  @BeforeEach
  void open() {
    manager = NDManager.newBaseManager("PyTorch");
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private static float[] drawn(long seed, int length) {
    Random random = new Random(seed);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = random.nextFloat();
    }
    return values;
  }

  private static float[] collect(NDArray array, int maxBytes, List<Integer> sizes) {
    List<Float> all = new ArrayList<>();
    HostMemory.<RuntimeException>read(
        array,
        maxBytes,
        piece -> {
          sizes.add(piece.remaining());
          while (piece.hasRemaining()) {
            all.add(piece.getFloat());
          }
        });
    float[] values = new float[all.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = all.get(i);
    }
    return values;
  }

  @Test
  void aTensorIsReadWholeInPiecesThatAreShortEnough() {
    for (int length : new int[] {1, 7, 8, 9, 64, 1001}) {
      float[] values = drawn(length, length);
      for (int maxBytes : new int[] {4, 32, 36, 4096, 1 << 20}) {
        List<Integer> sizes = new ArrayList<>();
        try (NDArray array = manager.create(values, new Shape(length, 1))) {
          assertThat(collect(array, maxBytes, sizes))
              .as("%d values in pieces of %d bytes", length, maxBytes)
              .isEqualTo(values);
        }
        assertThat(sizes).allMatch(bytes -> bytes <= maxBytes);
        assertThat(manager.getManagedArrays()).as("arrays left behind").isEmpty();
      }
    }
  }

  @Test
  void piecesOfATensorsOwnMemoryAreWritable() {
    NDArray array = manager.zeros(new Shape(5, 7));
    List<ByteBuffer> buffers = HostMemory.buffers(array, 24);
    assertThat(buffers).hasSize(6);
    float next = 0;
    for (ByteBuffer buffer : buffers) {
      while (buffer.hasRemaining()) {
        buffer.putFloat(next++);
      }
    }
    assertThat(array.toFloatArray()).isEqualTo(manager.arange(35f).toFloatArray());
  }

  @Test
  void smallTensorsBecomeArrays() {
    assertThat(HostMemory.floats(manager.create(new float[] {1.5f, -2}))).containsExactly(1.5f, -2);
    assertThat(HostMemory.floats(manager.create(3f))).containsExactly(3);
    assertThat(HostMemory.longs(manager.create(new long[] {1L << 40, -2})))
        .containsExactly(1L << 40, -2);
    assertThat(HostMemory.floats(manager.create(new Shape(0)))).isEmpty();
  }

  /**
   * An array that says it lies on a GPU. Its copy on the host belongs to a manager made for it, as
   * DJL's does. Its pieces are such arrays too.
   */
  private static NDArray foreign(NDArray array, AtomicInteger open) {
    return (NDArray)
        Proxy.newProxyInstance(
            HostMemoryTest.class.getClassLoader(),
            new Class<?>[] {NDArray.class},
            (proxy, method, arguments) -> {
              String name = method.getName();
              if (name.equals("getDevice")) {
                return Device.gpu(0);
              } else if (name.equals("reshape") || name.equals("get")) {
                return foreign((NDArray) method.invoke(array, arguments), open);
              } else if (name.equals("toDevice")) {
                NDManager copies = array.getManager().newSubManager();
                open.incrementAndGet();
                copies.attachInternal("counted", () -> open.decrementAndGet());
                return copies.create(array.toFloatArray());
              } else if (DJL_READS.contains(name)) {
                throw new IllegalStateException("DJL would leave its copy behind");
              }
              try {
                return method.invoke(array, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void theHostsCopyOfAnotherDevicesTensorIsClosedPieceByPiece() {
    float[] values = drawn(3, 1001);
    AtomicInteger open = new AtomicInteger();
    NDArray array = foreign(manager.create(values), open);
    assertThat(HostMemory.floats(array)).isEqualTo(values);
    assertThat(open).as("copies left").hasValue(0);

    List<Integer> opened = new ArrayList<>();
    HostMemory.<RuntimeException>read(array, 400, piece -> opened.add(open.get()));
    assertThat(opened).as("copies held at once").hasSize(11).containsOnly(1);
    assertThat(open).hasValue(0);
    assertThat(manager.getManagedArrays()).as("arrays left behind").hasSize(1);
  }

  @Test
  void aCopyIsClosedWhenItsReaderFails() {
    AtomicInteger open = new AtomicInteger();
    NDArray array = foreign(manager.create(drawn(4, 100)), open);
    assertThatThrownBy(
            () ->
                HostMemory.<IOException>read(
                    array,
                    40,
                    piece -> {
                      throw new IOException("disk full");
                    }))
        .hasMessage("disk full");
    assertThat(open).hasValue(0);
  }

  @Test
  void theMemoryOfAnotherDeviceIsNotHandedOut() {
    NDArray array = foreign(manager.create(drawn(4, 100)), new AtomicInteger());
    assertThatThrownBy(() -> HostMemory.buffers(array, 40))
        .hasMessage("The memory of a tensor on gpu(0) is not the host's");
  }
}
