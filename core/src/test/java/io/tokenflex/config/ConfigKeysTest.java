package io.tokenflex.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConfigKeysTest {
  private enum Colour {
    RED,
    DARK_BLUE
  }

  private record Input(String path, Optional<Integer> limit) {}

  sealed interface Rate {
    record Constant(double rate) implements Rate {}

    record WarmupCosine(double rate, long steps) implements Rate {}
  }

  private record Source(List<Input> inputs) {}

  private record Run(
      Source train,
      Optional<Source> heldout,
      Colour colour,
      Duration timeout,
      Rate rate,
      Map<String, String> further) {}

  @Test
  void everyKeyIsListedWithItsTypeOnce() {
    List<ConfigKey> keys = ConfigKeys.of(Run.class);

    assertThat(keys)
        .extracting(ConfigKey::path)
        .containsExactly(
            "train",
            "train.inputs",
            "train.inputs[].path",
            "train.inputs[].limit",
            "heldout",
            "colour",
            "timeout",
            "rate",
            "rate.type",
            "rate.rate",
            "rate.steps",
            "further");
    assertThat(key(keys, "colour").type()).isEqualTo("one of red, dark-blue");
    assertThat(key(keys, "train.inputs[].path").isRequired()).isTrue();
    assertThat(key(keys, "train.inputs[].limit").isRequired()).isFalse();
    assertThat(key(keys, "train.inputs[].limit").type()).isEqualTo("a whole number");
  }

  @Test
  void aSectionOfAKindSeenBeforeRefersToIt() {
    assertThat(key(ConfigKeys.of(Run.class), "heldout").sameAs()).isEqualTo("train");
  }

  @Test
  void aKeyOfAVariantNamesTheVariantsThatTakeIt() {
    List<ConfigKey> keys = ConfigKeys.of(Run.class);

    assertThat(key(keys, "rate.type").type()).isEqualTo("one of constant, warmup-cosine");
    assertThat(key(keys, "rate.rate").variants()).containsExactly("constant", "warmup-cosine");
    assertThat(key(keys, "rate.steps").variants()).containsExactly("warmup-cosine");
  }

  private static ConfigKey key(List<ConfigKey> keys, String path) {
    return keys.stream().filter(key -> key.path().equals(path)).findFirst().orElseThrow();
  }
}
