package io.tokenflex.safetensors;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.InvalidInputException;
import java.util.List;
import java.util.Locale;

/**
 * Description of a tensor in a safetensors header; {@code begin} and {@code end} are offsets in the
 * data.
 */
public record TensorInfo(
    String name, ElementType elementType, List<Long> shape, long begin, long end) {

  /** Element types of the format whose size is a multiple of a byte, named as in a header. */
  public enum ElementType {
    BOOL(1),
    U8(1),
    I8(1),
    F8_E5M2(1),
    F8_E4M3(1),
    F8_E8M0(1),
    I16(2),
    U16(2),
    F16(2),
    BF16(2),
    I32(4),
    U32(4),
    F32(4),
    F64(8),
    I64(8),
    U64(8),
    C64(8);

    private final int numBytes;

    ElementType(int numBytes) {
      this.numBytes = numBytes;
    }

    public int numBytes() {
      return numBytes;
    }

    /** Whether every value converts exactly to a Java float: F32, F16 and BF16. */
    public boolean fitsFloat() {
      return this == F32 || this == F16 || this == BF16;
    }
  }

  /**
   * Validates shape against offsets.
   *
   * @throws IllegalArgumentException naming the tensor and the mismatch
   */
  public TensorInfo {
    requireNonNull(name, "name");
    requireNonNull(elementType, "elementType");
    shape = List.copyOf(shape);
    long expected = numBytes(name, elementType, shape);
    if (begin < 0 || end < begin || end - begin != expected) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "tensor %s: data_offsets [%d, %d] but %s of shape %s takes %d bytes",
              name,
              begin,
              end,
              elementType,
              shape,
              expected));
    }
  }

  /** Size of a tensor in bytes; rejects negative dimensions and overflow. */
  static long numBytes(String name, ElementType elementType, List<Long> shape) {
    long bytes = elementType.numBytes();
    for (long side : shape) {
      if (side < 0) {
        throw new InvalidInputException(
            "tensor %s has the shape %s; expected sides of 0 or more".formatted(name, shape));
      }
      try {
        bytes = Math.multiplyExact(bytes, side);
      } catch (ArithmeticException e) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "tensor %s: %s of shape %s takes more than %d bytes",
                name,
                elementType,
                shape,
                Long.MAX_VALUE),
            e);
      }
    }
    return bytes;
  }

  public long numElements() {
    return (end - begin) / elementType.numBytes();
  }

  public long numBytes() {
    return end - begin;
  }
}
