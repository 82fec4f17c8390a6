package io.tokenflex.safetensors;

import static io.tokenflex.safetensors.SafetensorsBytes.entry;
import static io.tokenflex.safetensors.SafetensorsBytes.file;
import static io.tokenflex.safetensors.SafetensorsBytes.floats;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.safetensors.TensorInfo.ElementType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsFolderTest {
  private static final String INDEX = "model.safetensors.index.json";

  @TempDir private Path folder;

  /** A file of scalars by name, valued 1, 2, 3 and so on. */
  private static byte[] scalars(String... names) {
    String header =
        IntStream.range(0, names.length)
            .mapToObj(
                i ->
                    entry(
                        names[i],
                        "F32",
                        "[]",
                        String.format(Locale.ROOT, "[%d,%d]", 4 * i, 4 * i + 4)))
            .collect(Collectors.joining(",", "{", "}"));
    float[] values = new float[names.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = i + 1;
    }
    return file(header, floats(values));
  }

  private void write(String name, byte[] content) throws IOException {
    Files.write(folder.resolve(name), content);
  }

  /** An index of "tensor file" pairs. */
  private void writeIndex(String... pairs) throws IOException {
    String map =
        Arrays.stream(pairs)
            .map(pair -> "\"%s\":\"%s\"".formatted((Object[]) pair.split(" ", 2)))
            .collect(Collectors.joining(","));
    write(INDEX, "{\"metadata\":{},\"weight_map\":{%s}}".formatted(map).getBytes(UTF_8));
  }

  private void assertRefused(String message) {
    assertThatThrownBy(() -> SafetensorsFolder.open(folder).close())
        .isInstanceOf(IOException.class)
        .hasMessage(message);
  }

  @Test
  void tensorsAreReadInAnyOrderFromOneFile() throws IOException {
    write("model.safetensors", scalars("a", "b", "c"));
    try (SafetensorsFolder opened = SafetensorsFolder.open(folder)) {
      assertThat(opened.tensors().keySet()).containsExactly("a", "b", "c");
      assertThat(opened.readFloats("c")).containsExactly(3);
      assertThat(opened.readFloats("a")).containsExactly(1);
      assertThat(opened.readFloats("c")).containsExactly(3);
      assertThat(opened.fileOf("b")).isEqualTo(folder.resolve("model.safetensors"));
      assertThat(opened).hasToString(folder.toString());
      assertThatThrownBy(() -> opened.readFloats("d"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(folder + " has no tensor d; it has 3 others");
    }
  }

  @Test
  void tensorsAreReadFromShards() throws IOException {
    write("one.safetensors", scalars("b"));
    write("two.safetensors", scalars("a", "unlisted"));
    write("unlisted.safetensors", new byte[3]);
    writeIndex("a two.safetensors", "b one.safetensors");
    try (SafetensorsFolder opened = SafetensorsFolder.open(folder)) {
      assertThat(opened.tensors().keySet()).containsExactly("b", "a", "unlisted");
      assertThat(opened.readFloats("unlisted")).containsExactly(2);
      assertThat(opened.fileOf("a")).isEqualTo(folder.resolve("two.safetensors"));
    }
  }

  @Test
  void theWholeFileIsPreferredToTheShardsAsTransformersDoes() throws IOException {
    write("model.safetensors", scalars("a"));
    write(INDEX, "no JSON".getBytes(UTF_8));
    try (SafetensorsFolder opened = SafetensorsFolder.open(folder)) {
      assertThat(opened.tensors()).containsOnlyKeys("a");
    }
  }

  @Test
  void anotherBaseNameIsOpenedWhenItIsAskedFor() throws IOException {
    write("adapter_model.safetensors", scalars("a"));
    try (SafetensorsFolder opened = SafetensorsFolder.open(folder, "adapter_model")) {
      assertThat(opened.tensors()).containsOnlyKeys("a");
    }
    assertRefused(
        folder
            + " holds no model.safetensors or model.safetensors.index.json; it holds"
            + " adapter_model.safetensors");
  }

  @Test
  void shardsThatAreLinksToAnotherFolderAreFollowedAsInHuggingFacesCache() throws IOException {
    Path snapshot = Files.createDirectories(folder.resolve("snapshot"));
    write("blob", scalars("a"));
    Files.createSymbolicLink(snapshot.resolve("model.safetensors"), Path.of("../blob"));
    try (SafetensorsFolder opened = SafetensorsFolder.open(snapshot)) {
      assertThat(opened.readFloats("a")).containsExactly(1);
    }
  }

  @Test
  void allProblemsOfAnIndexAreReportedTogether() throws IOException {
    write("one.safetensors", scalars("a", "b"));
    write("two.safetensors", scalars("b", "c"));
    write("broken.safetensors", new byte[3]);
    writeIndex(
        "a one.safetensors",
        "b one.safetensors",
        "c one.safetensors",
        "d two.safetensors",
        "e three.safetensors",
        "f ../four.safetensors",
        "g /etc/passwd",
        "h broken.safetensors",
        "i bad\\u0000.safetensors");
    String problems =
        String.join(
            "; ",
            "shard ../four.safetensors lies outside the folder",
            "shard /etc/passwd lies outside the folder",
            "shard bad?.safetensors is no file name",
            folder
                + "/broken.safetensors: ends inside the header's length (3 of 8 bytes). The file is"
                + " truncated; copy or download it again",
            "shard three.safetensors is missing",
            "tensor b is in two shards, one.safetensors and two.safetensors",
            "tensor c is not in one.safetensors as the index says but in two.safetensors",
            "tensor d is not in two.safetensors as the index says but in no shard");
    assertRefused(
        "%s and its shards have 8 problems: %s. Download or write the folder again"
            .formatted(folder.resolve(INDEX), problems));
  }

  @Test
  void ofVeryManyProblemsTheFirstAreListed() throws IOException {
    writeIndex(
        IntStream.range(0, 100)
            .mapToObj(i -> String.format(Locale.ROOT, "t%d s%02d", i, i))
            .toArray(String[]::new));
    assertThatThrownBy(() -> SafetensorsFolder.open(folder).close())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("have 100 problems: shard s00 is missing; ")
        .hasMessageContaining("shard s11 is missing; and 88 more. ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"weight_map\":[]}",
        "{\"weight_map\":{\"a\":1}}",
        "{\"weight_map\":{}}x",
        "{\"weight_map\":{\"a\":\"b\",\"a\":\"b\"}}",
        "{\"weight_map\":{\"a\":\"\"}}"
      })
  void anIndexThatIsNoneIsRefused(String json) throws IOException {
    write(INDEX, json.getBytes(UTF_8));
    assertThatThrownBy(() -> SafetensorsFolder.open(folder).close())
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(folder.resolve(INDEX).toString())
        .hasMessageEndingWith(" again");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"pytorch_model.bin", "consolidated.00.pth", "model.pt", "last.ckpt", "a.pkl"})
  void picklesAreRefusedWithTheReasonAndAWayOut(String name) throws IOException {
    write(name, new byte[1]);
    write("config.json", new byte[1]);
    assertRefused(
        folder
            + " holds no model.safetensors or model.safetensors.index.json, only "
            + name
            + ". Those are pickle files, which run code when they are read, and are not opened here."
            + " If you trust their author, convert them: python -c \"from transformers import"
            + " AutoModelForCausalLM as M; M.from_pretrained('"
            + folder
            + "').save_pretrained('"
            + folder
            + "-safetensors', safe_serialization=True)\" (AutoModel if it is no language model)");
  }

  @Test
  void aFolderWithoutWeightsOrNoFolderAtAllIsRefused() throws IOException {
    assertRefused(
        folder + " holds no model.safetensors or model.safetensors.index.json; it holds nothing");
    write("file", new byte[1]);
    assertThatThrownBy(() -> SafetensorsFolder.open(folder.resolve("file")).close())
        .isInstanceOf(IOException.class)
        .hasMessage(
            folder.resolve("file") + " is no folder; expected one with a model's safetensors");
  }

  @Test
  void aTensorIsReadOverManyWindows() throws IOException {
    float[] values = new float[1001];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    String header =
        "{"
            + entry("h", "F16", "[3]", "[0,6]")
            + ","
            + entry("a", "F32", "[1001]", "[6,4010]")
            + "}";
    ByteBuffer data = ByteBuffer.allocate(4010).order(ByteOrder.LITTLE_ENDIAN);
    data.putShort((short) 0x3C00).putShort((short) 0xC000).putShort((short) 1).put(floats(values));
    write("model.safetensors", file(header, data.array()));
    try (SafetensorsFolder opened = SafetensorsFolder.open(folder, "model", 16)) {
      assertThat(opened.readFloats("a")).isEqualTo(values);
      assertThat(opened.readFloats("h")).containsExactly(1, -2, 0x1p-24f);
      assertThat(opened.readFloats("a", 998, 3)).containsExactly(998, 999, 1000);
      assertThat(opened.readFloats("a", 1001, 0)).isEmpty();
      assertThatThrownBy(() -> opened.readFloats("a", 1000, 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              folder.resolve("model.safetensors")
                  + ": tensor a has 1001 elements; cannot read 2 from element 1000 on");
    }
  }

  /** The file is one of holes: it takes a few blocks of the disk. */
  @Test
  void filesAndTensorsOfMoreThanTwoGibibytesAreRead() throws IOException {
    long large = 5L << 30; // bytes; more elements than the longest array has
    long far = large + 12;
    String header =
        ("{"
                    + entry("large", "BF16", "[%s]", "[0,%s]")
                    + ","
                    + entry("far", "F32", "[3]", "[%s,%s]"))
                .formatted(large / 2, large, large, far)
            + "}";
    byte[] start = file(header, new byte[0]);
    Path path = folder.resolve("model.safetensors");
    try (RandomAccessFile raw = new RandomAccessFile(path.toFile(), "rw")) {
      raw.write(start);
      raw.setLength(start.length + far);
      raw.seek(start.length + (2L << 30) - 2);
      raw.write(new byte[] {(byte) 0x80, 0x3f, 0x00, 0x40}); // 1 and 2, around 2 GiB
      raw.seek(start.length + large - 2);
      raw.write(new byte[] {0x40, 0x40}); // 3, the last one
      raw.write(floats(4, 5, 6));
    }
    try (SafetensorsFolder opened = SafetensorsFolder.open(folder)) {
      assertThat(opened.readFloats("far")).containsExactly(4, 5, 6);
      assertThat(opened.readFloats("large", (1L << 30) - 2, 4)).containsExactly(0, 1, 2, 0);
      assertThat(opened.readFloats("large", large / 2 - 2, 2)).containsExactly(0, 3);
      assertThatThrownBy(() -> opened.readFloats("large"))
          .isInstanceOf(IOException.class)
          .hasMessage(
              path
                  + ": tensor large has 2684354560 elements; an array takes at most 2147483639."
                  + " Split it where it was written");
    }
    Files.delete(path);
  }

  @Test
  void aLongTensorIsHandedOverInPieces() throws IOException {
    float[] values = new float[(1 << 20) + 3];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 1009;
    }
    new ShardedSafetensorsWriter(ElementType.F32, 1 << 30)
        .write(
            folder, List.of(new TensorSource("long", List.of((long) values.length), () -> values)));
    float[] joined = new float[values.length];
    List<Integer> lengths = new ArrayList<>();
    try (SafetensorsFolder opened = SafetensorsFolder.open(folder)) {
      opened.readFloats(
          "long",
          (from, piece) -> {
            lengths.add(piece.length);
            System.arraycopy(piece, 0, joined, (int) from, piece.length);
          });
    }
    assertThat(lengths).containsExactly(1 << 20, 3);
    assertThat(joined).isEqualTo(values);
  }

  @Test
  void aFileThatIsCutShortWhileItIsOpenIsNoticed() throws IOException {
    write("model.safetensors", scalars("a", "b"));
    Path path = folder.resolve("model.safetensors");
    long numBytes = Files.size(path);
    try (SafetensorsFolder opened = SafetensorsFolder.open(folder)) {
      try (RandomAccessFile raw = new RandomAccessFile(path.toFile(), "rw")) {
        raw.setLength(numBytes - 4);
      }
      assertThatThrownBy(() -> opened.readFloats("b"))
          .isInstanceOf(IOException.class)
          .hasMessage(
              "%s: had %s bytes when it was opened and has %s now. Do not write to a model that is"
                  + " read",
              path, numBytes, numBytes - 4);
    }
  }

  @Test
  void nothingIsReadAfterClosing() throws IOException {
    write("model.safetensors", scalars("a"));
    SafetensorsFolder opened = SafetensorsFolder.open(folder);
    opened.close();
    assertThatThrownBy(() -> opened.readFloats("a")).isInstanceOf(IOException.class);
    assertThat(List.copyOf(opened.tensors().keySet())).containsExactly("a");
  }
}
