package io.tokenflex.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.safetensors.TensorInfo.ElementType;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class ElementCodecTest {
  private static final int HALF_INFINITY = 0x7c00;
  private static final int BFLOAT_INFINITY = 0x7f80;

  private static float bfloatToFloat(int bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  @Test
  void everyHalfSurvivesTheWayThroughFloat() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = ElementCodec.halfToFloat((short) bits);
      if (Float.isNaN(value)) {
        assertThat(ElementCodec.halfToFloat(ElementCodec.floatToHalf(value))).isNaN();
      } else {
        assertThat(ElementCodec.floatToHalf(value)).as("%04x", bits).isEqualTo((short) bits);
      }
    }
  }

  @Test
  void betweenAnyTwoHalvesTheNearerIsTakenAndTheEvenOneInTheMiddle() {
    for (int bits = 0; bits + 1 < HALF_INFINITY; bits++) {
      float below = ElementCodec.halfToFloat((short) bits);
      float middle = (below + ElementCodec.halfToFloat((short) (bits + 1))) / 2;
      int even = bits + (bits & 1);
      assertThat((int) ElementCodec.floatToHalf(middle)).as("%a", middle).isEqualTo(even);
      assertThat((int) ElementCodec.floatToHalf(Math.nextDown(middle))).isEqualTo(bits);
      assertThat((int) ElementCodec.floatToHalf(Math.nextUp(middle))).isEqualTo(bits + 1);
      assertThat(ElementCodec.floatToHalf(-middle)).isEqualTo((short) (even | 0x8000));
    }
  }

  @Test
  void betweenAnyTwoBfloatsTheNearerIsTakenAndTheEvenOneInTheMiddle() {
    for (int bits = 0; bits + 1 < BFLOAT_INFINITY; bits++) {
      float middle = Float.intBitsToFloat((bits << 16) | 0x8000);
      int even = bits + (bits & 1);
      assertThat((int) ElementCodec.floatToBfloat(middle)).as("%a", middle).isEqualTo(even);
      assertThat((int) ElementCodec.floatToBfloat(Math.nextDown(middle))).isEqualTo(bits);
      assertThat((int) ElementCodec.floatToBfloat(Math.nextUp(middle))).isEqualTo(bits + 1);
      assertThat(ElementCodec.floatToBfloat(-middle)).isEqualTo((short) (even | 0x8000));
    }
  }

  @Test
  void infinitiesAndNotANumbersStayWhatTheyAre() {
    assertThat((int) ElementCodec.floatToHalf(Float.POSITIVE_INFINITY)).isEqualTo(HALF_INFINITY);
    assertThat(ElementCodec.floatToBfloat(Float.NEGATIVE_INFINITY))
        .isEqualTo((short) (BFLOAT_INFINITY | 0x8000));
    for (int payload : new int[] {0x7f800001, 0x7fffffff, 0xffc00000, 0xffffffff}) {
      float notANumber = Float.intBitsToFloat(payload);
      assertThat(ElementCodec.halfToFloat(ElementCodec.floatToHalf(notANumber))).isNaN();
      assertThat(bfloatToFloat(ElementCodec.floatToBfloat(notANumber))).isNaN();
    }
  }

  @Test
  void finiteValuesThatWouldBecomeInfiniteAreRefused() {
    ByteBuffer bytes = ByteBuffer.allocate(8);
    float[] values = {65519, Float.NEGATIVE_INFINITY, -65520};
    assertThatThrownBy(() -> ElementCodec.encode(ElementType.F16, values, 0, 3, bytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("-65520.0 at index 2 is too large for F16; write BF16 or F32 instead");
    float[] largest = {Float.MAX_VALUE};
    assertThatThrownBy(() -> ElementCodec.encode(ElementType.BF16, largest, 0, 1, bytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("3.4028235E38 at index 0 is too large for BF16; write F32 instead");
  }
}
