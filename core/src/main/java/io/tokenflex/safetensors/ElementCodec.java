package io.tokenflex.safetensors;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.safetensors.TensorInfo.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;

/**
 * Converts floats to and from the little-endian bytes of F32, F16 (IEEE 754 binary16) and BF16 (the
 * upper half of binary32). Widening is exact; narrowing rounds to nearest, ties to even.
 */
final class ElementCodec {
  private ElementCodec() {}

  /**
   * Reads {@code count} elements from {@code bytes} into {@code values}, starting at {@code from}.
   */
  static void decode(ElementType type, ByteBuffer bytes, float[] values, int from, int count) {
    ByteBuffer source = bytes.order(ByteOrder.LITTLE_ENDIAN);
    switch (type) {
      case F32 -> source.asFloatBuffer().get(values, from, count);
      case BF16 -> {
        for (int i = from; i < from + count; i++) {
          values[i] = Float.intBitsToFloat(source.getShort() << 16);
        }
      }
      case F16 -> {
        for (int i = from; i < from + count; i++) {
          values[i] = halfToFloat(source.getShort());
        }
      }
      default -> throw new InvalidInputException(type + " is not widened to floats");
    }
  }

  /**
   * Writes {@code count} elements of {@code values}, starting at {@code from}, to {@code bytes}.
   *
   * @throws IllegalArgumentException if a finite value would overflow to infinity
   */
  static void encode(ElementType type, float[] values, int from, int count, ByteBuffer bytes) {
    ByteBuffer sink = bytes.order(ByteOrder.LITTLE_ENDIAN);
    for (int i = from; i < from + count; i++) {
      float value = values[i];
      switch (type) {
        case F32 -> sink.putFloat(value);
        case BF16 -> sink.putShort(finite(floatToBfloat(value), 0x7f80, type, value, i));
        case F16 -> sink.putShort(finite(floatToHalf(value), 0x7c00, type, value, i));
        default -> throw new InvalidInputException(type + " is not written from floats");
      }
    }
  }

  private static short finite(short bits, int infinity, ElementType type, float value, int index) {
    if ((bits & 0x7fff) == infinity && Float.isFinite(value)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s at index %d is too large for %s; write %s",
              value,
              index,
              type,
              type == ElementType.F16 ? "BF16 or F32 instead" : "F32 instead"));
    }
    return bits;
  }

  /** Binary16 to binary32, exactly. */
  static float halfToFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = (half >> 10) & 0x1f;
    int mantissa = half & 0x3ff;
    if (exponent == 0x1f) {
      return Float.intBitsToFloat(sign | 0x7f800000 | (mantissa << 13));
    } else if (exponent == 0) {
      float magnitude = mantissa * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    return Float.intBitsToFloat(sign | ((exponent + 112) << 23) | (mantissa << 13));
  }

  /** Binary32 to binary16, ties to even; NaN stays NaN. */
  static short floatToHalf(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) {
      return (short) (sign | 0x7e00 | ((magnitude >> 13) & 0x3ff));
    } else if (magnitude >= 0x47800000) { // at least 65536
      return (short) (sign | 0x7c00);
    } else if (magnitude
        < 0x38800000) { // below 2^-14: subnormal, a multiple of 2^-24; the product is exact
      return (short) (sign | (int) Math.rint(Float.intBitsToFloat(magnitude) * 0x1p24f));
    }
    // A carry from the mantissa into the exponent rounds up correctly.
    int rounded = magnitude - (112 << 23) + 0xfff + ((magnitude >> 13) & 1);
    return (short) (sign | (rounded >> 13));
  }

  /** Binary32 to bfloat16, ties to even; NaN stays NaN. */
  static short floatToBfloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }
}
