package io.tokenflex.weights;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  private static final String PLACE = "folder/model.safetensors";

  /** A file of this header and data. */
  private static byte[] file(String header, byte[] data) {
    byte[] text = header.getBytes(UTF_8);
    return ByteBuffer.allocate(Long.BYTES + text.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(text.length)
        .put(text)
        .put(data)
        .array();
  }

  private static byte[] floats(float... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }

  private static SafetensorsReader open(byte[] file) throws IOException {
    return new SafetensorsReader(new ByteArrayInputStream(file), PLACE);
  }

  private static void assertRejected(byte[] file, String message) {
    assertThatThrownBy(
            () -> {
              try (SafetensorsReader reader = open(file)) {
                while (reader.hasNext()) {
                  reader.readFloats();
                }
              }
            })
        .isInstanceOf(IOException.class)
        .hasMessage(message);
  }

  @Test
  void whatIsWrittenIsReadBack() throws IOException {
    Random random = new Random(3);
    float[] large = new float[(1 << 18) + 5]; // more than one chunk
    for (int i = 0; i < large.length; i++) {
      large[i] = random.nextFloat();
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      Map<String, NDArray> tensors = new LinkedHashMap<>();
      tensors.put("z.größe", manager.create(new float[] {1, -2, 3, 4, 5, 6}, new Shape(2, 3)));
      tensors.put("large", manager.create(large));
      tensors.put("scalar", manager.create(0.5f));
      SafetensorsWriter.write(out, tensors);
    }
    try (SafetensorsReader reader = open(out.toByteArray())) {
      assertThat(reader.tensors().stream().map(TensorInfo::name))
          .containsExactly("z.größe", "large", "scalar");
      assertThat(reader.tensors().stream().map(TensorInfo::shape))
          .containsExactly(List.of(2L, 3L), List.of((long) large.length), List.of());
      assertThat(reader.readFloats()).containsExactly(1, -2, 3, 4, 5, 6);
      assertThat(reader.readFloats()).isEqualTo(large);
      assertThat(reader.readFloats()).containsExactly(0.5f);
      assertThat(reader.hasNext()).isFalse();
    }
  }

  @Test
  void dataStartsAtAMultipleOfEightBytes() throws IOException {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      for (String name : List.of("a", "ab", "abc", "é")) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SafetensorsWriter.write(out, Map.of(name, manager.ones(new Shape(1))));
        long header = ByteBuffer.wrap(out.toByteArray()).order(ByteOrder.LITTLE_ENDIAN).getLong();
        assertThat(header % 8).as(name).isZero();
      }
    }
  }

  @Test
  void otherElementTypesAreNotWritten() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      Map<String, NDArray> tensors = Map.of("ids", manager.zeros(new Shape(1), DataType.INT64));
      assertThatThrownBy(() -> SafetensorsWriter.write(new ByteArrayOutputStream(), tensors))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("ids is int64; expected FLOAT32");
    }
  }

  @Test
  void halfPrecisionIsWidenedExactly() throws IOException {
    short[] halves = {0x3C00, 0x7BFF, 0x0001, 0x0400, (short) 0xC000, (short) 0xFC00, 0x7E00};
    float[] expected = {1, 65504, 0x1p-24f, 0x1p-14f, -2, Float.NEGATIVE_INFINITY, Float.NaN};
    ByteBuffer data = ByteBuffer.allocate(14).order(ByteOrder.LITTLE_ENDIAN);
    data.asShortBuffer().put(halves);
    String header = "{\"h\":{\"dtype\":\"F16\",\"shape\":[7],\"data_offsets\":[0,14]}}";
    try (SafetensorsReader reader = open(file(header, data.array()))) {
      assertThat(reader.readFloats()).containsExactly(expected);
    }
    assertThat(Float.floatToRawIntBits(ElementCodec.halfToFloat((short) 0x8000)))
        .as("minus zero")
        .isEqualTo(Float.floatToRawIntBits(-0.0f));
  }

  @Test
  void bfloatIsWidenedExactly() throws IOException {
    float[] values = {1, -2.5f, 0x1.fep100f, Float.NEGATIVE_INFINITY, 0x1p-140f};
    ByteBuffer data = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      data.putShort((short) (Float.floatToRawIntBits(value) >> 16));
    }
    String header = "{\"b\":{\"dtype\":\"BF16\",\"shape\":[5],\"data_offsets\":[0,10]}}";
    try (SafetensorsReader reader = open(file(header, data.array()))) {
      float[] read = reader.readFloats();
      assertThat(Arrays.copyOf(read, 4)).containsExactly(Arrays.copyOf(values, 4));
      assertThat(read[4]).as("subnormal").isEqualTo(0x1p-140f - 0x1p-140f % 0x1p-133f);
    }
  }

  @Test
  void aTruncatedFileNamesWhereItEnds() {
    String header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
    byte[] whole = file(header, floats(1, 2));
    byte[] truncated = Arrays.copyOf(whole, whole.length - 3);
    assertThatThrownBy(() -> open(truncated).readFloats())
        .isInstanceOf(EOFException.class)
        .hasMessage(PLACE + ": ends inside tensor a (5 of 8 bytes); the file is truncated");
    assertRejected(
        Arrays.copyOf(whole, 20),
        "%s: ends inside the header (12 of %d bytes); the file is truncated"
            .formatted(PLACE, header.length()));
    assertRejected(
        new byte[5],
        PLACE + ": ends inside the header's length (5 of 8 bytes); the file is truncated");
  }

  @Test
  void anImpossibleHeaderLengthIsRejectedBeforeItIsRead() {
    for (long length : new long[] {0, 1, 100_000_001, -1, Long.MAX_VALUE}) {
      byte[] bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
      assertRejected(
          bytes,
          "%s: header of %d bytes; expected 2 to 100000000. Not a safetensors file, or damaged"
              .formatted(PLACE, length));
    }
  }

  @ParameterizedTest
  @CsvSource({"4, 12", "12, 20"}) // overlap, gap
  void tensorsMustLieEndToEnd(int begin, int end) {
    String header =
        ("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[%d,%d]}}")
            .formatted(begin, end);
    assertRejected(
        file(header, new byte[20]),
        "%s: tensor b begins at %d but the one before ends at 8; the file is damaged"
            .formatted(PLACE, begin));
  }

  @Test
  void aTensorWhoseSizeDoesNotFitItsShapeIsRejected() {
    String header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}";
    assertRejected(
        file(header, new byte[4]),
        PLACE
            + ": bad header entry a: Tensor a: offsets [0, 4) hold 4 bytes but F32 of shape [2]"
            + " takes 8");
  }

  @Test
  void aNameThatComesTwiceIsRejected() {
    String entry = "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}";
    assertRejected(
        file("{" + entry + "," + entry + "}", new byte[4]),
        PLACE + ": the header is no JSON: Duplicate field 'a'");
  }

  @Test
  void aHeaderThatIsNoJsonObjectIsRejected() {
    assertRejected(file("[1]", new byte[0]), PLACE + ": the header is no JSON object");
    assertThatThrownBy(() -> open(file("{oops", new byte[0])))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(PLACE + ": the header is no JSON: ");
  }

  @Test
  void whatIsMissingInAnEntryIsNamed() {
    assertThatThrownBy(() -> open(file("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", new byte[4])))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(PLACE + ": bad header entry a: ")
        .hasMessageContaining("data_offsets");
    String strange = "{\"a\":{\"dtype\":\"F8\",\"shape\":[1],\"data_offsets\":[0,1]}}";
    assertThatThrownBy(() -> open(file(strange, new byte[1])))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(PLACE + ": bad header entry a: ")
        .hasMessageContaining("F8");
  }

  @Test
  void integersAreReadAsIntegersOnly() throws IOException {
    String header = "{\"i\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}";
    byte[] file = file(header, new byte[] {7, 0, 0, 0, 0, 0, 0, 0});
    try (SafetensorsReader reader = open(file)) {
      assertThat(reader.readLongs()).containsExactly(7);
    }
    assertRejected(file, PLACE + ": tensor i holds I64; expected F32, F16 or BF16");
  }
}
