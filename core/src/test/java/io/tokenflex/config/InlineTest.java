package io.tokenflex.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.tokenflex.failure.Expect;
import org.junit.jupiter.api.Test;

class InlineTest {
  record Sizes(int rows, long maxBytes) {
    Sizes {
      Expect.atLeastOne("rows", rows);
    }
  }

  record Section(String from, @Inline Sizes sizes, boolean again) {}

  record Whole(Section section) {}

  private static Whole bind(String section) {
    return ConfigBinder.bind(
        ConfigFactory.parseString("section {\n" + section.replace(", ", "\n") + "\n}"),
        Whole.class);
  }

  @Test
  void theKeysLieBesideThoseOfTheHolder() {
    Whole whole = new Whole(new Section("a", new Sizes(3, 1 << 20), true));
    assertThat(bind("from = a, rows = 3, maxBytes = 1MiB, again = true")).isEqualTo(whole);
    assertThat(ConfigBinder.bind(RecordSettings.of(whole), Whole.class)).isEqualTo(whole);
    assertThat(ConfigKeys.of(Whole.class))
        .extracting(ConfigKey::path)
        .containsExactly(
            "section", "section.from", "section.rows", "section.maxBytes", "section.again");
  }

  @Test
  void aMistakeIsNamedByKeyAndLineAsInTheHolder() {
    assertThatThrownBy(() -> bind("from = a, rows = 0, maxBytes = 1, again = true"))
        .hasMessageStartingWith("section.rows (")
        .hasMessageContaining(": 3): rows is 0; expected at least 1");
    assertThatThrownBy(() -> bind("from = a, rows = 1, again = true"))
        .hasMessageStartingWith("Missing key section.maxBytes: expected a size such as 64MiB");
    assertThatThrownBy(() -> bind("from = a, row = 1, maxBytes = 1, again = true"))
        .hasMessageContaining("Unknown key section.row ")
        .hasMessageContaining("did you mean rows?");
    assertThatThrownBy(() -> bind("from = a, sizes = {}, rows = 1, maxBytes = 1, again = true"))
        .hasMessageContaining("Unknown key section.sizes ");
  }
}
