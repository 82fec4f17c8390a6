package io.tokenflex.weights;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * A tensor as a safetensors header describes it; {@code begin} and {@code end} are data offsets.
 */
public record TensorInfo(
    String name, ElementType elementType, List<Long> shape, long begin, long end) {

  /** The element types that are read. */
  public enum ElementType {
    F32(4),
    F16(2),
    BF16(2),
    I64(8);

    private final int numBytes;

    ElementType(int numBytes) {
      this.numBytes = numBytes;
    }

    public int numBytes() {
      return numBytes;
    }
  }

  public TensorInfo {
    requireNonNull(name, "name");
    requireNonNull(elementType, "elementType");
    shape = List.copyOf(shape);
    long elements = 1;
    for (long side : shape) {
      if (side < 0) {
        throw new IllegalArgumentException("Tensor " + name + " has the shape " + shape);
      }
      elements = Math.multiplyExact(elements, side);
    }
    long expected = Math.multiplyExact(elements, elementType.numBytes());
    if (begin < 0 || end - begin != expected) {
      throw new IllegalArgumentException(
          "Tensor %s: offsets [%d, %d) hold %d bytes but %s of shape %s takes %d"
              .formatted(name, begin, end, end - begin, elementType, shape, expected));
    }
  }

  public long numElements() {
    return (end - begin) / elementType.numBytes();
  }
}
