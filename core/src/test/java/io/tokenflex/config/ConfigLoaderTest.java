package io.tokenflex.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLoaderTest {
  record Train(int maxSteps, String dir, List<Integer> counts) {}

  record Run(Train train) {}

  @TempDir Path folder;
  private Path file;

  private static final Config DEFAULTS =
      ConfigFactory.parseString("train { maxSteps = 5, dir = out, counts = [1] }");

  @BeforeEach
  void writeFile() throws IOException {
    file = folder.resolve("run.conf");
    Files.writeString(file, "train {\n  maxSteps = 7\n}\n");
  }

  @Test
  void overridesWinOverTheFileAndTheFileOverDefaults() {
    Config config =
        ConfigLoader.load(
            file, List.of("train.dir=hdfs://host:9000/runs", "train.counts=[64, 144]"), DEFAULTS);

    assertThat(ConfigBinder.bind(config, Run.class))
        .isEqualTo(new Run(new Train(7, "hdfs://host:9000/runs", List.of(64, 144))));
  }

  @Test
  void theLastOverrideOfAKeyWins() {
    Config config =
        ConfigLoader.load(file, List.of("train.maxSteps=1", "train.maxSteps=2"), DEFAULTS);

    assertThat(ConfigBinder.bind(config, Run.class).train().maxSteps()).isEqualTo(2);
  }

  @Test
  void aFileOfTheWorkingDirectoryIncludesItsNeighbour() throws IOException {
    Path neighbour = Files.createTempFile(Path.of(""), "neighbour", ".conf");
    Path including = Files.createTempFile(Path.of(""), "including", ".conf");
    try {
      Files.writeString(neighbour, "train.maxSteps = 9");
      Files.writeString(including, "include \"%s\"".formatted(neighbour));

      Config config = ConfigLoader.load(including, List.of(), DEFAULTS);

      assertThat(config.getInt("train.maxSteps")).isEqualTo(9);
    } finally {
      Files.delete(neighbour);
      Files.delete(including);
    }
  }

  @Test
  void anUnknownKeyOfAFileNamesFileAndLine() throws IOException {
    Files.writeString(file, "train {\n  maxSteps = 7\n  maxStepz = 8\n}\n");

    assertThatThrownBy(() -> bind(List.of()))
        .hasMessage("Unknown key train.maxStepz (" + file + ":3); did you mean maxSteps?");
  }

  @Test
  void anUnknownKeyOfAnOverrideNamesTheOverride() {
    assertThatThrownBy(() -> bind(List.of("train.maxStepz=8")))
        .hasMessageContaining("Unknown key train.maxStepz (--set train.maxStepz");
  }

  @Test
  void aSettingWithoutAValueIsRefused() {
    assertThatThrownBy(() -> bind(List.of("train.maxSteps")))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessage("--set train.maxSteps is not key=value; for instance --set train.maxSteps=100");
  }

  @Test
  void aBrokenOverrideValueIsRefused() {
    assertThatThrownBy(() -> bind(List.of("train.counts=[1, ")))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("--set train.counts=[1, is not HOCON");
  }

  @Test
  void aMissingFileIsNamed() {
    Path missing = folder.resolve("none.conf");

    assertThatThrownBy(() -> ConfigLoader.load(missing, List.of(), DEFAULTS))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessage(
            "No configuration file " + missing + "; give an existing HOCON file with --conf");
  }

  @Test
  void aFileThatDoesNotParseIsNamedWithItsLine() throws IOException {
    Files.writeString(file, "train {\n  maxSteps = [\n");

    assertThatThrownBy(() -> bind(List.of()))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void theRenderedConfigParsesBackToTheSameSettings() {
    Config config = ConfigLoader.load(file, List.of("train.dir=\"a b\""), DEFAULTS);
    Config again = ConfigFactory.parseString(ConfigLoader.render(config));

    assertThat(again).isEqualTo(config);
    assertThat(ConfigLoader.digest(again)).isEqualTo(ConfigLoader.digest(config)).hasSize(64);
  }

  @Test
  void theDigestChangesWithAnySetting() {
    assertThat(ConfigLoader.digest(ConfigLoader.load(file, List.of("train.maxSteps=8"), DEFAULTS)))
        .isNotEqualTo(ConfigLoader.digest(ConfigLoader.load(file, List.of(), DEFAULTS)));
  }

  private Run bind(List<String> overrides) {
    return ConfigBinder.bind(ConfigLoader.load(file, overrides, DEFAULTS), Run.class);
  }
}
