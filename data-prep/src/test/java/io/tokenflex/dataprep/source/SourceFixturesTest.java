package io.tokenflex.dataprep.source;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that webdataset, datasets, pandas and pyarrow wrote, against what they read back. */
class SourceFixturesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Path fixture(String name) {
    try {
      return Path.of(SourceFixturesTest.class.getResource("/sources/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static JsonNode expected() throws IOException {
    return JSON.readTree(fixture("expected.json").toFile());
  }

  static Stream<String> fixtures() throws IOException {
    return expected().properties().stream().map(Map.Entry::getKey);
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void everyFileIsReadAsItsOwnToolReadsIt(String name) throws IOException {
    JsonNode expected = expected().get(name);
    SourceFile file = SourceReading.file(fixture(name));
    SourceFormat format = SourceFormats.recognise(file);
    assertThat(format.name()).isEqualTo(expected.get("format").textValue());

    List<ReadRecord> records = SourceReading.readAll(format, file, SourceReading.TEXT_ONLY);
    List<Map<String, Object>> wanted =
        JSON.convertValue(
            expected.get("records"), new TypeReference<List<Map<String, Object>>>() {});
    int every = expected.path("every").asInt(1);
    assertThat(records).hasSize(wanted.size() * every);
    for (int i = 0; i < wanted.size(); i++) {
      assertThat(records.get(i * every).position()).isEqualTo((long) i * every);
      assertThat(SourceReading.describe(records.get(i * every)))
          .as("record %d of %s", i * every, name)
          .isEqualTo(new TreeMap<>(wanted.get(i)));
    }
  }
}
