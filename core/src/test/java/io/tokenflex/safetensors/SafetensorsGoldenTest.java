package io.tokenflex.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.safetensors.TensorInfo.ElementType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Files of the Python library, and files for it; see tools/golden/safetensors_files.py. */
class SafetensorsGoldenTest {
  /** Where {@code safetensors_files.py FOLDER} looks for what we wrote. */
  private static final Path FOR_PYTHON = Path.of("target", "safetensors-for-python");

  @TempDir private Path temporary;
  private Path goldens;

  @BeforeEach
  void find() throws URISyntaxException {
    goldens = Path.of(getClass().getResource("/golden/safetensors").toURI());
  }

  /** What a folder named model.safetensors holds, written anew from a golden of F32. */
  private List<TensorSource> sources(String golden) throws IOException {
    List<TensorSource> sources = new ArrayList<>();
    try (SafetensorsReader reader = open(golden)) {
      // The Python library sorts by name within a type; so must we to write the same bytes.
      TreeMap<String, TensorSource> byName = new TreeMap<>();
      while (reader.hasNext()) {
        TensorInfo tensor = reader.peek();
        float[] values = reader.readFloats();
        byName.put(tensor.name(), new TensorSource(tensor.name(), tensor.shape(), () -> values));
      }
      sources.addAll(byName.values());
    }
    return sources;
  }

  private SafetensorsReader open(String golden) throws IOException {
    InputStream in = Files.newInputStream(goldens.resolve(golden));
    return new SafetensorsReader(in, golden);
  }

  private static Path emptied(Path folder) throws IOException {
    Files.createDirectories(folder);
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    return folder;
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void ourFilesAreByteForByteThoseOfThePythonLibrary(ElementType type) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new ShardedSafetensorsWriter(type).write(name -> out, sources("F32.safetensors"));
    byte[] golden = Files.readAllBytes(goldens.resolve(type + ".safetensors"));
    assertThat(out.toByteArray()).isEqualTo(golden);
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void streamAndFolderReadTheSameFromThePythonLibrary(ElementType type) throws IOException {
    Path file = goldens.resolve(type + ".safetensors");
    Files.copy(file, temporary.resolve("model.safetensors"), StandardCopyOption.REPLACE_EXISTING);
    try (SafetensorsFolder folder = SafetensorsFolder.open(temporary);
        SafetensorsReader reader = open(type + ".safetensors")) {
      assertThat(reader.tensors()).hasSize(5).isEqualTo(List.copyOf(folder.tensors().values()));
      while (reader.hasNext()) {
        TensorInfo tensor = reader.peek();
        assertThat(tensor.elementType()).isEqualTo(type);
        assertThat(reader.readFloats())
            .as(tensor.name())
            .isEqualTo(folder.readFloats(tensor.name()));
      }
      assertThat(folder.readFloats("scalar")).containsExactly(0.15625f);
      assertThat(folder.tensors().get("empty").shape()).containsExactly(3L, 0L);
      assertThat(folder.readFloats("empty")).isEmpty();
      assertThat(folder.readFloats("special.größe"))
          .startsWith(0, -0.0f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY);
    }
  }

  @Test
  void shardsOfSavePretrainedHoldWhatTheWholeFileHolds() throws IOException {
    try (SafetensorsFolder sharded = SafetensorsFolder.open(goldens.resolve("sharded"));
        SafetensorsReader whole = open("whole.safetensors")) {
      assertThat(sharded.tensors()).hasSize(whole.tensors().size());
      assertThat(sharded.tensors().keySet().stream().map(sharded::fileOf).distinct()).hasSize(3);
      while (whole.hasNext()) {
        TensorInfo tensor = whole.peek();
        assertThat(sharded.tensors().get(tensor.name()).shape()).isEqualTo(tensor.shape());
        assertThat(sharded.readFloats(tensor.name()))
            .as(tensor.name())
            .isEqualTo(whole.readFloats());
      }
    }
  }

  @Test
  void ourShardsAreThoseOfSavePretrained() throws IOException {
    JsonNode facts = new ObjectMapper().readTree(goldens.resolve("facts.json").toFile());
    List<TensorSource> sources = inStateDictOrder(facts);
    new ShardedSafetensorsWriter(ElementType.F32, facts.get("max_shard_bytes").longValue())
        .write(temporary, sources);
    String index = "model.safetensors.index.json";
    SafetensorsIndex expected = SafetensorsIndex.read(goldens.resolve("sharded").resolve(index));
    assertThat(expected.weightMap()).isNotEmpty();
    assertThat(SafetensorsIndex.read(temporary.resolve(index))).isEqualTo(expected);
  }

  private List<TensorSource> inStateDictOrder(JsonNode facts) throws IOException {
    List<TensorSource> byName = sources("whole.safetensors");
    List<TensorSource> ordered = new ArrayList<>();
    for (JsonNode name : facts.get("state_dict_order")) {
      byName.stream()
          .filter(source -> source.name().equals(name.textValue()))
          .forEach(ordered::add);
    }
    assertThat(ordered).hasSameSizeAs(byName);
    return ordered;
  }

  /** Run {@code python tools/golden/safetensors_files.py core/target/safetensors-for-python}. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void filesAreLeftForThePythonLibraryToRead(ElementType type) throws IOException {
    Path whole = emptied(FOR_PYTHON.resolve(type.name()));
    new ShardedSafetensorsWriter(type).write(whole, sources("F32.safetensors"));
    Path sharded = emptied(FOR_PYTHON.resolve("sharded-" + type));
    List<String> written =
        new ShardedSafetensorsWriter(type, 4000).write(sharded, sources("whole.safetensors"));
    Files.copy(goldens.resolve("sharded/config.json"), sharded.resolve("config.json"));
    assertThat(written).hasSizeGreaterThan(3);
  }
}
