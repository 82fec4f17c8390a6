package io.tokenflex.safetensors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.ThreadMXBean;
import io.tokenflex.safetensors.TensorInfo.ElementType;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Valid files are damaged at random. Both readers must then either throw an IOException or return
 * what a naive reading of the same bytes returns, and allocate little.
 */
class SafetensorsPropertyTest {
  private static final long SEED = 20250404;
  private static final int NUM_FILES = 60;
  private static final int MUTATIONS_PER_FILE = 175;
  private static final long ALLOWED_BYTES = 128 << 10;
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final List<String> HOSTILE =
      List.of(
          "-1",
          "0",
          "1",
          "2",
          "3",
          "4",
          "1e3",
          "2147483647",
          "9223372036854775807",
          "18446744073709551616",
          "null",
          "true",
          "[]",
          "{}",
          "[[[[[[",
          "\"\"",
          "\"F32\"",
          "\"F16\"",
          "\"I64\"",
          "\"F8_E4M3\"",
          "\"__metadata__\"",
          "\"\\ud800\"",
          ",",
          ":",
          "}",
          "");

  @TempDir private Path folder;

  private int numChecked;
  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static byte[] validFile(Random random) {
    List<ElementType> types =
        List.of(ElementType.F32, ElementType.F16, ElementType.BF16, ElementType.I64);
    StringBuilder header = new StringBuilder("{");
    if (random.nextBoolean()) {
      header.append("\"__metadata__\":{\"format\":\"pt\"},");
    }
    long offset = 0;
    int numTensors = 1 + random.nextInt(3);
    for (int i = 0; i < numTensors; i++) {
      ElementType type = types.get(random.nextInt(types.size()));
      List<Long> shape = new ArrayList<>();
      for (int sides = random.nextInt(4); sides > 0; sides--) {
        shape.add((long) random.nextInt(5));
      }
      long end = offset + TensorInfo.numBytes("t", type, shape);
      String offsets = String.format(Locale.ROOT, "[%d,%d]", offset, end);
      header.append(i == 0 ? "" : ",");
      header.append(SafetensorsBytes.entry("t.é" + i, type.name(), shape.toString(), offsets));
      offset = end;
    }
    header.append("}").append(" ".repeat(random.nextInt(8)));
    byte[] data = new byte[(int) offset];
    random.nextBytes(data);
    return SafetensorsBytes.file(header.toString(), data);
  }

  private static int headerEnd(byte[] file) {
    return 8 + (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  private static byte[] splice(byte[] file, int from, int to, byte[] replacement) {
    return ByteBuffer.allocate(file.length - (to - from) + replacement.length)
        .put(file, 0, from)
        .put(replacement)
        .put(file, to, file.length - to)
        .array();
  }

  private static byte[] mutated(byte[] file, Random random) {
    int at = random.nextInt(file.length);
    int to = Math.min(file.length, at + 1 + random.nextInt(8));
    byte[] few = new byte[1 + random.nextInt(8)];
    random.nextBytes(few);
    byte[] copy = file.clone();
    switch (random.nextInt(8)) {
      case 0 -> copy[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> copy[at] = few[0];
      case 2 -> copy = splice(file, at, at, few);
      case 3 -> copy = splice(file, at, to, new byte[0]);
      case 4 -> copy = splice(file, file.length, file.length, few);
      case 5 -> {
        long[] lies = {0, 1, 2, random.nextInt(400), 100_000_000, 100_000_001, random.nextLong()};
        long lie = lies[random.nextInt(lies.length)];
        ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putLong(lie);
      }
      case 6 -> copy = withMovedTensor(file, random);
      default -> copy = withHostileHeader(file, random);
    }
    return copy;
  }

  /** Replaces one token of the JSON and corrects the length, so that the parser gets to see it. */
  private static byte[] withHostileHeader(byte[] file, Random random) {
    int end = headerEnd(file);
    String header = new String(file, 8, end - 8, UTF_8);
    int from = random.nextInt(header.length());
    int to = from + 1;
    while (to < header.length() && Character.isLetterOrDigit(header.charAt(to))) {
      to++;
    }
    String token = HOSTILE.get(random.nextInt(HOSTILE.size()));
    String changed = header.substring(0, from) + token + header.substring(to);
    return SafetensorsBytes.file(changed, Arrays.copyOfRange(file, end, file.length));
  }

  /** Moves or resizes one tensor: its entry is right by itself, but not beside the others. */
  private static byte[] withMovedTensor(byte[] file, Random random) {
    int end = headerEnd(file);
    Matcher matcher =
        Pattern.compile("\"shape\":\\[[^]]*],\"data_offsets\":\\[(\\d+),(\\d+)]")
            .matcher(new String(file, 8, end - 8, UTF_8));
    int chosen = random.nextInt((int) matcher.results().count());
    matcher.reset();
    int[] tensor = {0};
    int by = random.nextInt(9) - 4;
    String changed =
        matcher.replaceAll(
            match -> {
              if (tensor[0]++ != chosen) {
                return match.group();
              }
              int from = Integer.parseInt(match.group(1));
              int to = Integer.parseInt(match.group(2));
              return random.nextBoolean()
                  ? match.group().replaceAll("\\d+,\\d+]$", (from + by) + "," + (to + by) + "]")
                  : String.format(
                      Locale.ROOT, "\"shape\":[0],\"data_offsets\":[%d,%d]", from + by, from + by);
            });
    return SafetensorsBytes.file(changed, Arrays.copyOfRange(file, end, file.length));
  }

  /** Name, type, shape and bytes of every tensor of a file that is taken to be valid. */
  private static Map<String, String> naiveReading(byte[] file) throws IOException {
    int end = headerEnd(file);
    JsonNode header = JSON.readTree(new String(file, 8, end - 8, UTF_8));
    Map<String, String> tensors = new TreeMap<>();
    int[] readings = new int[file.length];
    Arrays.fill(readings, 0, end, 1);
    for (Map.Entry<String, JsonNode> entry : header.properties()) {
      if (!entry.getKey().equals("__metadata__")) {
        int from = end + entry.getValue().required("data_offsets").required(0).intValue();
        int to = end + entry.getValue().required("data_offsets").required(1).intValue();
        for (int i = from; i < to; i++) {
          readings[i]++;
        }
        String type = entry.getValue().required("dtype").textValue();
        tensors.put(
            entry.getKey(),
            type
                + entry.getValue().required("shape")
                + valuesOf(ElementType.valueOf(type), Arrays.copyOfRange(file, from, to)));
      }
    }
    assertThat(readings).as("readings of every byte").containsOnly(1);
    return tensors;
  }

  private static String valuesOf(ElementType type, byte[] bytes) {
    ByteBuffer data = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    StringBuilder values = new StringBuilder();
    while (data.hasRemaining() && (type.fitsFloat() || type == ElementType.I64)) {
      values.append(' ');
      switch (type) {
        case F32 -> values.append(data.getFloat());
        case F16 -> values.append(ElementCodec.halfToFloat(data.getShort()));
        case BF16 -> values.append(Float.intBitsToFloat(data.getShort() << 16));
        default -> values.append(data.getLong());
      }
    }
    return values.toString();
  }

  private static String described(TensorInfo tensor, String values) {
    return tensor.elementType() + tensor.shape().toString().replace(", ", ",") + values;
  }

  private static String text(float[] values) {
    StringBuilder text = new StringBuilder();
    for (float value : values) {
      text.append(' ').append(value);
    }
    return text.toString();
  }

  private static Optional<Map<String, String>> streamed(byte[] file) {
    Map<String, String> tensors = new TreeMap<>();
    try (SafetensorsReader reader = SafetensorsBytes.open(file)) {
      while (reader.hasNext()) {
        TensorInfo tensor = reader.peek();
        StringBuilder longs = new StringBuilder();
        if (tensor.elementType() == ElementType.I64) {
          Arrays.stream(reader.readLongs()).forEach(value -> longs.append(' ').append(value));
          tensors.put(tensor.name(), described(tensor, longs.toString()));
        } else {
          tensors.put(tensor.name(), described(tensor, text(reader.readFloats())));
        }
      }
      return Optional.of(tensors);
    } catch (IOException e) {
      assertThat(e).hasMessageStartingWith(SafetensorsBytes.PLACE + ": ");
      return Optional.empty();
    }
  }

  /** Tensors that are no floats are described without their values. */
  private Optional<Map<String, String>> mapped(String baseName) {
    Map<String, String> tensors = new TreeMap<>();
    try (SafetensorsFolder opened = SafetensorsFolder.open(folder, baseName)) {
      for (TensorInfo tensor : opened.tensors().values()) {
        boolean floats = tensor.elementType().fitsFloat();
        String values = floats ? text(opened.readFloats(tensor.name())) : "";
        tensors.put(tensor.name(), described(tensor, values));
      }
      return Optional.of(tensors);
    } catch (IOException e) {
      assertThat(e).hasMessageStartingWith(folder.resolve(baseName + ".safetensors") + ": ");
      return Optional.empty();
    }
  }

  /** Asks twice if the first time costs too much: classes are loaded once. */
  private <T> T frugally(Supplier<T> reading) {
    long allocated = ALLOWED_BYTES;
    T result = null;
    for (int attempt = 0; attempt < 2 && allocated >= ALLOWED_BYTES; attempt++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      result = reading.get();
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    }
    assertThat(allocated).as("bytes allocated").isLessThan(ALLOWED_BYTES);
    return result;
  }

  /** Returns whether the file was accepted. */
  private boolean check(byte[] file) throws IOException {
    // A file of its own: changing one that thousands of forgotten mappings refer to is slow.
    String baseName = "model" + numChecked++;
    Path path = Files.write(folder.resolve(baseName + ".safetensors"), file);
    Optional<Map<String, String>> streamed = frugally(() -> streamed(file));
    Optional<Map<String, String>> mapped = frugally(() -> mapped(baseName));
    Files.delete(path);
    if (mapped.isEmpty()) {
      assertThat(streamed).isEmpty();
      return false;
    }
    Map<String, String> naive = naiveReading(file);
    assertThat(mapped.get().keySet()).isEqualTo(naive.keySet());
    mapped.get().forEach((name, tensor) -> assertThat(naive.get(name)).startsWith(tensor));
    streamed.ifPresent(tensors -> assertThat(tensors).isEqualTo(naive));
    return true;
  }

  private boolean check(byte[] file, String what) {
    try {
      return check(file);
    } catch (Throwable e) {
      throw new AssertionError(
          String.format(Locale.ROOT, "Seed %d, %s: %s", SEED, what, HexFormat.of().formatHex(file)),
          e);
    }
  }

  @Test
  @Timeout(120)
  void aDamagedFileIsReadAsItStandsOrRefused() {
    checkDamagedFiles(0, NUM_FILES);
  }

  @Test
  @Tag("slow")
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void anyOfManyMoreDamagedFilesIsReadAsItStandsOrRefused() {
    checkDamagedFiles(NUM_FILES, 20 * NUM_FILES);
  }

  private void checkDamagedFiles(int first, int numFiles) {
    int accepted = 0;
    for (int i = first; i < first + numFiles; i++) {
      Random random = new Random(SEED + i);
      byte[] file = validFile(random);
      assertThat(check(file, "file " + i)).as("seed %d, file %d is valid", SEED, i).isTrue();
      for (int j = 0; j < MUTATIONS_PER_FILE; j++) {
        byte[] mutated = mutated(file, random);
        String what = String.format(Locale.ROOT, "file %d, mutation %d", i, j);
        boolean valid = check(mutated, what);
        accepted += valid ? 1 : 0;
        int end = headerEnd(file);
        boolean dataOnly =
            mutated.length == file.length
                && Arrays.equals(Arrays.copyOf(mutated, end), Arrays.copyOf(file, end));
        assertThat(valid || !dataOnly).as("seed %d, %s: only values changed", SEED, what).isTrue();
      }
    }
    assertThat(accepted)
        .as("mutations that left a valid file, of %d", numFiles * MUTATIONS_PER_FILE)
        .isBetween(numFiles * MUTATIONS_PER_FILE / 21, numFiles * MUTATIONS_PER_FILE / 2);
  }

  @Test
  @Timeout(120)
  void aFileTruncatedAnywhereIsRefused() {
    for (int i = 0; i < 5; i++) {
      byte[] file = validFile(new Random(SEED + i));
      for (int length = 0; length < file.length; length++) {
        String what = String.format(Locale.ROOT, "file %d, first %d bytes", i, length);
        assertThat(check(Arrays.copyOf(file, length), what))
            .as("seed %d, %s", SEED, what)
            .isFalse();
      }
    }
  }
}
