package io.tokenflex.safetensors;

import static io.tokenflex.safetensors.SafetensorsBytes.PLACE;
import static io.tokenflex.safetensors.SafetensorsBytes.entry;
import static io.tokenflex.safetensors.SafetensorsBytes.file;
import static io.tokenflex.safetensors.SafetensorsBytes.floats;
import static io.tokenflex.safetensors.SafetensorsBytes.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SafetensorsTest {
  @Test
  void whatIsWrittenIsReadBack() throws IOException {
    Random random = new Random(3);
    float[] large = new float[(3 << 18) + 5]; // more than one chunk
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
    try (SafetensorsReader reader = open(out.toByteArray())) {
      reader.readFloats();
      float[] joined = new float[large.length];
      List<Long> starts = new ArrayList<>();
      reader.readFloats(
          (from, values) -> {
            starts.add(from);
            System.arraycopy(values, 0, joined, (int) from, values.length);
          });
      assertThat(starts).hasSizeGreaterThan(1).isSorted();
      assertThat(joined).isEqualTo(large);
      assertThat(reader.readFloats()).containsExactly(0.5f);
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
  void integersAreRead() throws IOException {
    String header = "{\"i\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}";
    byte[] file = file(header, new byte[] {7, 0, 0, 0, 0, 0, 0, 0});
    try (SafetensorsReader reader = open(file)) {
      assertThat(reader.readLongs()).containsExactly(7);
    }
  }

  @Test
  void floatsAreNoIntegers() throws IOException {
    byte[] file = file("{" + entry("a", "F32", "[1]", "[0,4]") + "}", floats(1));
    try (SafetensorsReader reader = open(file)) {
      assertThatThrownBy(reader::readLongs)
          .isInstanceOf(IOException.class)
          .hasMessage(PLACE + ": tensor a holds F32; expected I64");
      assertThat(reader.readFloats()).containsExactly(1);
    }
  }

  @Test
  void afterTheLastTensorThereIsNothingToPeekAt() throws IOException {
    try (SafetensorsReader reader = open(file("{}", new byte[0]))) {
      assertThatThrownBy(reader::peek)
          .isInstanceOf(NoSuchElementException.class)
          .hasMessage(PLACE + ": all 0 tensors were read");
    }
  }

  @Test
  void largeTensorsOfIntegersAreReadInChunks() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(300_000 * 8).order(ByteOrder.LITTLE_ENDIAN);
    LongStream.range(0, 300_000).forEach(data::putLong);
    String header = "{" + entry("i", "I64", "[300000]", "[0,2400000]") + "}";
    try (SafetensorsReader reader = open(file(header, data.array()))) {
      assertThat(reader.readLongs()).isEqualTo(LongStream.range(0, 300_000).toArray());
    }
  }
}
