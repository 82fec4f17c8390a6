package io.tokenflex.safetensors;

import static io.tokenflex.safetensors.SafetensorsBytes.PLACE;
import static io.tokenflex.safetensors.SafetensorsBytes.entry;
import static io.tokenflex.safetensors.SafetensorsBytes.file;
import static io.tokenflex.safetensors.SafetensorsBytes.floats;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One test for each kind of damage, through the stream and through the folder. */
class SafetensorsDamageTest {
  private static final String DAMAGED =
      ". The file is damaged or no safetensors; copy or download it again";
  private static final String TRUNCATED = ". The file is truncated; copy or download it again";
  private static final String TWO_FLOATS = "{" + entry("a", "F32", "[2]", "[0,8]") + "}";

  @TempDir private Path folder;

  private static void readAll(byte[] file) throws IOException {
    try (SafetensorsReader reader = SafetensorsBytes.open(file)) {
      while (reader.hasNext()) {
        reader.readFloats();
      }
    }
  }

  private void assertStreamRefuses(byte[] file, String message) {
    assertThatThrownBy(() -> readAll(file))
        .isInstanceOf(IOException.class)
        .hasMessage("%s: %s", PLACE, message);
  }

  private void assertFolderRefuses(byte[] file, String message) throws IOException {
    Path path = Files.write(folder.resolve("model.safetensors"), file);
    assertThatThrownBy(() -> SafetensorsFolder.open(folder).close())
        .isInstanceOf(IOException.class)
        .hasMessage("%s: %s", path, message);
  }

  private void assertBothRefuse(byte[] file, String message) throws IOException {
    assertStreamRefuses(file, message);
    assertFolderRefuses(file, message);
  }

  private void assertHeaderRefused(String header, String message) throws IOException {
    assertBothRefuse(file(header, new byte[8]), message + DAMAGED);
  }

  @Test
  void aFileTooShortForTheLengthOfItsHeader() throws IOException {
    assertBothRefuse(new byte[5], "ends inside the header's length (5 of 8 bytes)" + TRUNCATED);
    assertBothRefuse(new byte[0], "ends inside the header's length (0 of 8 bytes)" + TRUNCATED);
  }

  @Test
  void aHeaderLongerThanTheFile() throws IOException {
    byte[] truncated = Arrays.copyOf(file(TWO_FLOATS, floats(1, 2)), 20);
    assertBothRefuse(
        truncated,
        String.format(
            Locale.ROOT,
            "ends inside the header (12 of %d bytes)%s",
            TWO_FLOATS.length(),
            TRUNCATED));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 100_000_001, -1, Long.MAX_VALUE, Long.MIN_VALUE})
  void anImpossibleHeaderLength(long length) throws IOException {
    assertBothRefuse(
        ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array(),
        "header of %s bytes; expected 2 to 100000000%s"
            .formatted(Long.toUnsignedString(length), DAMAGED));
  }

  @Test
  void dataThatEndsTooEarly() throws IOException {
    byte[] whole = file(TWO_FLOATS, floats(1, 2));
    byte[] truncated = Arrays.copyOf(whole, whole.length - 3);
    assertThatThrownBy(() -> readAll(truncated)).isInstanceOf(EOFException.class);
    assertStreamRefuses(truncated, "ends inside tensor a (5 of 8 bytes)" + TRUNCATED);
    assertFolderRefuses(truncated, "ends inside the data (5 of 8 bytes)" + TRUNCATED);
  }

  @Test
  void bytesAfterTheLastTensor() throws IOException {
    byte[] whole = file(TWO_FLOATS, floats(1, 2, 3));
    assertStreamRefuses(
        whole,
        "1 or more bytes follow the last tensor; expected the end after 8 bytes of data" + DAMAGED);
    assertFolderRefuses(
        whole, "4 bytes follow the last tensor; expected the end after 8 bytes of data" + DAMAGED);
    assertStreamRefuses(
        file("{}", new byte[1]),
        "1 or more bytes follow the last tensor; expected the end after 0 bytes of data" + DAMAGED);
  }

  @Test
  void tensorsThatOverlapLeaveAGapOrBeginLate() throws IOException {
    String header = "{" + entry("a", "F32", "[1]", "[0,4]") + ",%s}";
    assertHeaderRefused(
        header.formatted(entry("b", "F32", "[1]", "[2,6]")),
        "tensor b begins at 2; expected 4, where tensor a ends: they overlap");
    assertHeaderRefused(
        header.formatted(entry("b", "F16", "[1]", "[6,8]")),
        "tensor b begins at 6; expected 4, where tensor a ends: there is a gap");
    assertHeaderRefused(
        "{" + entry("a", "F32", "[1]", "[4,8]") + "}",
        "tensor a begins at 4; expected 0, where the data begins: there is a gap");
  }

  @Test
  void namesThatComeTwice() throws IOException {
    String entry = entry("a", "F32", "[1]", "[0,4]");
    assertHeaderRefused("{" + entry + "," + entry + "}", "the name a comes twice");
    assertHeaderRefused(
        "{\"__metadata__\":{},\"__metadata__\":{}}", "the name __metadata__ comes twice");
    assertHeaderRefused(
        "{\"__metadata__\":{\"k\":\"\",\"k\":\"\"}}", "__metadata__: k comes twice");
  }

  @ParameterizedTest
  @ValueSource(strings = {"F8", "f32", "F4", ""})
  void anUnknownElementType(String dtype) throws IOException {
    assertHeaderRefused(
        "{" + entry("a", dtype, "[1]", "[0,4]") + "}",
        ("tensor a has the dtype %s; expected one of [BOOL, U8, I8, F8_E5M2, F8_E4M3, F8_E8M0, I16,"
                + " U16, F16, BF16, I32, U32, F32, F64, I64, U64, C64]")
            .formatted(dtype));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "7 | [1] | [0,4] | tensor a: dtype is or holds 7; expected a string",
        "null | [1] | [0,4] | tensor a: dtype is or holds null; expected a string",
        "\"F32\" | 2 | [0,8] | tensor a: shape is or holds 2; expected a list of whole numbers",
        "\"F32\" | [2.0] | [0,8] | tensor a: shape is or holds 2.0; expected whole numbers",
        "\"F32\" | [\"2\"] | [0,8] | tensor a: shape is or holds 2; expected whole numbers",
        "\"F32\" | [[2]] | [0,8] | tensor a: shape is or holds [; expected whole numbers",
        "\"F32\" | [2] | [0,{}] | tensor a: data_offsets is or holds {; expected whole numbers",
        "\"F32\" | [2] | [0,4,8] | tensor a: data_offsets holds more than 2 numbers",
      })
  void valuesOfTheWrongKind(String dtype, String shape, String offsets, String message)
      throws IOException {
    assertHeaderRefused(
        "{\"a\":{\"dtype\":%s,\"shape\":%s,\"data_offsets\":%s}}".formatted(dtype, shape, offsets),
        message);
  }

  @Test
  void negativeShapes() throws IOException {
    assertHeaderRefused(
        "{" + entry("a", "F32", "[-1,-2]", "[0,8]") + "}",
        "tensor a has the shape [-1, -2]; expected sides of 0 or more");
  }

  @Test
  void overflowingShapes() throws IOException {
    assertHeaderRefused(
        "{" + entry("a", "F32", "[4611686018427387904,4]", "[0,0]") + "}",
        "tensor a: F32 of shape [4611686018427387904, 4] takes more than 9223372036854775807"
            + " bytes");
    assertHeaderRefused(
        "{" + entry("a", "F32", "[9223372036854775808]", "[0,0]") + "}",
        "tensor a: shape holds 9223372036854775808; expected at most 9223372036854775807");
    assertHeaderRefused(
        "{" + entry("a", "F32", "[" + "1,".repeat(64) + "1]", "[0,4]") + "}",
        "tensor a: shape holds more than 64 numbers");
  }

  @ParameterizedTest
  @CsvSource({"0, 4", "0, 12", "8, 0", "-4, 4", "-8, 0"})
  void offsetsThatDoNotFitTheShape(long begin, long end) throws IOException {
    assertHeaderRefused(
        "{" + entry("a", "F32", "[2]", String.format(Locale.ROOT, "[%d,%d]", begin, end)) + "}",
        String.format(
            Locale.ROOT,
            "tensor a: data_offsets [%d, %d] but F32 of shape [2] takes 8 bytes",
            begin,
            end));
  }

  @Test
  void keysThatAreMissingOrUnknown() throws IOException {
    assertHeaderRefused(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}",
        "tensor a has dtype F32, shape [1] and data_offsets null; expected all three, with two"
            + " offsets");
    assertHeaderRefused(
        "{\"a\":{\"stride\":1}}",
        "tensor a has the key stride; expected dtype, shape and data_offsets, once each");
    assertHeaderRefused(
        "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}",
        "tensor a has the key dtype; expected dtype, shape and data_offsets, once each");
    assertHeaderRefused(
        "{\"a\":[]}",
        "tensor a is or holds [; expected an object of dtype, shape and data_offsets");
  }

  @Test
  void metadataThatIsNotAllStrings() throws IOException {
    assertHeaderRefused(
        "{\"__metadata__\":{\"step\":7}}", "__metadata__: step is or holds 7; expected a string");
    assertHeaderRefused(
        "{\"__metadata__\":[]}", "__metadata__ is or holds [; expected an object of strings");
  }

  @Test
  void deepNestingIsRefusedAtItsFirstLevel() throws IOException {
    assertHeaderRefused(
        "{\"a\":" + "[".repeat(100_000),
        "tensor a is or holds [; expected an object of dtype, shape and data_offsets");
    assertHeaderRefused(
        "{\"a\":{\"shape\":" + "[".repeat(100_000),
        "tensor a: shape is or holds [; expected whole numbers");
  }

  @Test
  void aHeaderThatIsNotUtf8() throws IOException {
    byte[] header = TWO_FLOATS.replace("\"a\"", "\"\u00fc\"").getBytes(ISO_8859_1);
    assertBothRefuse(
        file(header, new byte[8]), "byte 2 of the header is 0xfc, which is no UTF-8" + DAMAGED);
  }

  @Test
  void aHeaderThatIsNoJsonObject() throws IOException {
    assertHeaderRefused("[1]", "the header begins with '['; expected '{'");
    assertHeaderRefused(" {}", "the header begins with ' '; expected '{'");
    assertHeaderRefused("{}{}", "the header goes on after its closing brace; expected spaces only");
    assertThatThrownBy(() -> readAll(file("{oops", new byte[0])))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(PLACE + ": the header is no JSON: ")
        .hasMessageEndingWith(DAMAGED);
  }

  @Test
  void longNamesAndControlCharactersStayOutOfMessages() throws IOException {
    assertHeaderRefused(
        "{\"x\\n" + "y".repeat(500) + "\":1}",
        "tensor x?"
            + "y".repeat(78)
            + "... is or holds 1; expected an object of dtype, shape and data_offsets");
  }

  @Test
  void elementTypesThatDoNotBecomeFloats() throws IOException {
    byte[] file = file("{" + entry("i", "I64", "[1]", "[0,8]") + "}", new byte[8]);
    String message =
        "tensor i holds I64; expected F32, F16 or BF16. Convert it where it was written";
    assertStreamRefuses(file, message);
    Path path = Files.write(folder.resolve("model.safetensors"), file);
    try (SafetensorsFolder opened = SafetensorsFolder.open(folder)) {
      assertThatThrownBy(() -> opened.readFloats("i"))
          .isInstanceOf(IOException.class)
          .hasMessage("%s: %s", path, message);
      assertThatThrownBy(() -> opened.readFloats("i", 0, 1)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aTensorTooLongForAnArray() {
    assertStreamRefuses(
        file("{" + entry("a", "F32", "[3000000000]", "[0,12000000000]") + "}", new byte[8]),
        "tensor a has 3000000000 elements; an array takes at most 2147483639. Split it where it was"
            + " written");
  }

  @Test
  void aHeaderThatPromisesGigabytesCostsMegabytes() {
    byte[] file =
        file("{" + entry("a", "F32", "[2147483639]", "[0,8589934556]") + "}", floats(1, 2));
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    // The first refusal of a JVM also loads classes, which may take megabytes.
    assertStreamRefuses(file, "ends inside tensor a (8 of 8589934556 bytes)" + TRUNCATED);
    long before = threads.getCurrentThreadAllocatedBytes();
    assertStreamRefuses(file, "ends inside tensor a (8 of 8589934556 bytes)" + TRUNCATED);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before)
        .as("allocated")
        .isLessThan(4 << 20);
  }
}
