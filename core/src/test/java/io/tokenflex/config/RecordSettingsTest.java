package io.tokenflex.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.model.LanguageConfig;
import io.tokenflex.model.ModelConfig;
import io.tokenflex.model.Pooling;
import io.tokenflex.model.ProjectorConfig;
import io.tokenflex.model.RopeScaling;
import io.tokenflex.model.VisionConfig;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecordSettingsTest {
  record Rest(Duration deadline, List<Pooling> poolings, Optional<String> note, Optional<Long> n) {}

  @Test
  void aModelComesBackFromItsSettings() {
    ModelConfig model =
        new ModelConfig(
            new VisionConfig(16, 32, 4, 2, 28, 7, 1e-6).withFeatureLayer(-2),
            new ProjectorConfig(48, 1e-5, Pooling.INTERPOLATED),
            new LanguageConfig(
                300,
                16,
                32,
                2,
                4,
                2,
                4,
                256,
                500_000,
                1e-6,
                false,
                false,
                true,
                new RopeScaling.Llama3(8, 1, 4, 64)));

    assertThat(ConfigBinder.bind(RecordSettings.of(model), ModelConfig.class)).isEqualTo(model);
  }

  @Test
  void durationsListsAndOptionalsComeBack() {
    Rest rest =
        new Rest(
            Duration.ofMillis(1500),
            List.of(Pooling.ADAPTIVE, Pooling.INTERPOLATED),
            Optional.of("n: 1"),
            Optional.empty());

    assertThat(ConfigBinder.bind(RecordSettings.of(rest), Rest.class)).isEqualTo(rest);
  }
}
