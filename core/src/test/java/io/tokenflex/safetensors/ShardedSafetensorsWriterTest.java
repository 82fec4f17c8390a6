package io.tokenflex.safetensors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.safetensors.TensorInfo.ElementType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ShardedSafetensorsWriterTest {
  @TempDir private Path folder;

  private static TensorSource ones(String name, int length) {
    float[] values = new float[length];
    Arrays.fill(values, 1);
    return new TensorSource(name, List.of((long) length), () -> values);
  }

  private List<String> filesIn(Path where) throws IOException {
    try (var files = Files.list(where)) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void whatIsWrittenIsReadBackWholeAndInShards(ElementType type) throws IOException {
    Random random = new Random(7);
    Map<String, float[]> expected = new TreeMap<>();
    List<TensorSource> tensors = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      float[] values = new float[i == 4 ? (3 << 18) + 1 : 6 * i]; // one of several chunks
      for (int j = 0; j < values.length; j++) {
        values[j] = (random.nextInt(255) - 127) / 64f; // fits every type
      }
      String name = "layer." + i;
      expected.put(name, values);
      List<Long> shape = i == 4 ? List.of((long) values.length) : List.of(2L, 3L * i);
      tensors.add(new TensorSource(name, shape, () -> values));
    }
    for (long maxShardBytes : new long[] {1, 200, 10_000_000}) {
      Path target = folder.resolve("max" + maxShardBytes);
      List<String> written =
          new ShardedSafetensorsWriter(type, maxShardBytes).write(target, tensors);
      assertThat(filesIn(target)).containsExactlyInAnyOrderElementsOf(written);
      assertThat(written.size()).isEqualTo(maxShardBytes > 200 ? 1 : written.size());
      try (SafetensorsFolder read = SafetensorsFolder.open(target)) {
        assertThat(read.tensors().keySet()).isEqualTo(expected.keySet());
        for (Map.Entry<String, float[]> tensor : expected.entrySet()) {
          assertThat(read.tensors().get(tensor.getKey()).elementType()).isEqualTo(type);
          assertThat(read.readFloats(tensor.getKey())).isEqualTo(tensor.getValue());
        }
      }
    }
  }

  @Test
  void shardsAreFilledInOrderAndALargeTensorIsAlone() throws IOException {
    List<TensorSource> tensors =
        List.of(ones("a", 2), ones("b", 9), ones("c", 2), ones("d", 1), ones("e", 1));
    List<String> written = new ShardedSafetensorsWriter(ElementType.F32, 16).write(folder, tensors);
    assertThat(written)
        .containsExactly(
            "model-00001-of-00003.safetensors",
            "model-00002-of-00003.safetensors",
            "model-00003-of-00003.safetensors",
            "model.safetensors.index.json");
    SafetensorsIndex index = SafetensorsIndex.read(folder.resolve("model.safetensors.index.json"));
    assertThat(index.totalSize()).isEqualTo(60);
    // As split_state_dict_into_shards_factory: the large one does not end the open shard.
    assertThat(index.weightMap())
        .isEqualTo(
            Map.of(
                "a", "model-00002-of-00003.safetensors",
                "b", "model-00001-of-00003.safetensors",
                "c", "model-00002-of-00003.safetensors",
                "d", "model-00003-of-00003.safetensors",
                "e", "model-00003-of-00003.safetensors"));
  }

  @Test
  void noTensorsAtAllMakeAnEmptyFile() throws IOException {
    assertThat(new ShardedSafetensorsWriter(ElementType.F32).write(folder, List.of()))
        .containsExactly("model.safetensors");
    try (SafetensorsFolder read = SafetensorsFolder.open(folder)) {
      assertThat(read.tensors()).isEmpty();
    }
  }

  @Test
  void valuesAreAskedForOnceAndOneTensorAfterTheOther() throws IOException {
    List<String> calls = new ArrayList<>();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    List<TensorSource> tensors = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      tensors.add(
          new TensorSource(
              name,
              List.of(),
              () -> {
                calls.add(String.format(Locale.ROOT, "%s after %d bytes", name, bytes.size() % 8));
                return new float[1];
              }));
    }
    new ShardedSafetensorsWriter(ElementType.F16)
        .write(
            name -> {
              assertThat(name).isEqualTo("model.safetensors");
              return bytes;
            },
            tensors);
    assertThat(calls).containsExactly("a after 0 bytes", "b after 2 bytes", "c after 4 bytes");
  }

  @Test
  void aNameThatComesTwiceIsRefusedBeforeAnythingIsWritten() {
    List<TensorSource> tensors = List.of(ones("a", 1), ones("b", 1), ones("a", 1));
    assertThatThrownBy(
            () -> new ShardedSafetensorsWriter(ElementType.F32, 4).write(folder, tensors))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A tensor cannot be named a: the name is taken in this file");
    assertThat(folder).isEmptyDirectory();
    assertThatThrownBy(
            () ->
                new ShardedSafetensorsWriter(ElementType.F32)
                    .write(folder, List.of(ones("__metadata__", 1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A tensor cannot be named __metadata__: the name is taken in this file");
  }

  @Test
  void aFailureLeavesNoFilesBehind() {
    TensorSource wrong = new TensorSource("b", List.of(2L, 2L), () -> new float[3]);
    assertThatThrownBy(
            () ->
                new ShardedSafetensorsWriter(ElementType.F32, 4)
                    .write(folder, List.of(ones("a", 1), wrong)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Tensor b has the shape [2, 2] but 3 values");
    assertThat(folder).isEmptyDirectory();
    TensorSource large = new TensorSource("c", List.of(), () -> new float[] {7e4f});
    assertThatThrownBy(
            () -> new ShardedSafetensorsWriter(ElementType.F16).write(folder, List.of(large)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Tensor c: 70000.0 at index 0 is too large for F16; write BF16 or F32 instead");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aModelThatIsThereIsNotOverwritten() throws IOException {
    for (String name : List.of("model.safetensors", "model.safetensors.index.json")) {
      Path there = Files.write(folder.resolve(name), "mine".getBytes(UTF_8));
      assertThatThrownBy(
              () -> new ShardedSafetensorsWriter(ElementType.F32).write(folder, List.of()))
          .isInstanceOf(FileAlreadyExistsException.class)
          .hasMessageContaining(there + ": write the model into another folder");
      assertThat(there).hasContent("mine");
      Files.delete(there);
    }
  }

  @Test
  void onlyFloatsAreWrittenAndLimitsArePositive() {
    assertThatThrownBy(() -> new ShardedSafetensorsWriter(ElementType.I64))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Tensors are written as F32, F16 or BF16, not as I64");
    assertThatThrownBy(() -> new ShardedSafetensorsWriter(ElementType.F32, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxShardBytes is 0; expected 1 or more");
  }
}
