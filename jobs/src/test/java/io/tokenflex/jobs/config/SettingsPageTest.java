package io.tokenflex.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import io.tokenflex.config.ConfigBinder;
import io.tokenflex.model.RopeScaling;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SettingsPageTest {
  @Test
  void thePageInDocsIsWhatTheCommandPrints() throws IOException {
    assertThat(Path.of("../docs/settings.md"))
        .as("write it again with ./tokenflex settings > docs/settings.md")
        .hasContent(SettingsPage.render());
  }

  @Test
  void theExamplesOfKeysWithoutDefaultAreSettingsThatBind() {
    Config examples =
        ConfigFactory.parseResources("tokenflex-examples.conf")
            .withFallback(ConfigFactory.parseResources("tokenflex-reference.conf"))
            .withoutPath("tokenizer") // excludes pretrained
            .withValue("model.language.ropeScaling.type", ConfigValueFactory.fromAnyRef("llama3"));

    RunConfig config = ConfigBinder.bind(examples.resolve(), RunConfig.class);

    assertThat(config.model().language().ropeScaling())
        .isEqualTo(new RopeScaling.Llama3(8, 1, 4, 8192));
    assertThat(config.sample()).isPresent();
  }
}
