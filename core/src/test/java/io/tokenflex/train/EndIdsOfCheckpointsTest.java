package io.tokenflex.train;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.modelfolder.ModelFiles;
import io.tokenflex.testing.TinyRun;
import io.tokenflex.testing.TinySamples;
import io.tokenflex.text.ModelText;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EndIdsOfCheckpointsTest {
  private static JsonNode written(String generationConfig) throws IOException {
    TrainingRun run = TinyRun.run(TinyRun.config(3, 4, 3), new TinySamples(5, 4));
    Map<String, byte[]> files =
        generationConfig.isEmpty()
            ? Map.of()
            : Map.of(ModelFiles.GENERATION, generationConfig.getBytes(UTF_8));
    TrainingRun withText =
        new TrainingRun(
            run.config(),
            run.model(),
            run.imageTransform(),
            run.schedule(),
            run.source(),
            new ModelText(run.text().tokenizerJson(), files),
            run.initialWeights(),
            run.adapter(),
            run.seed());
    byte[] json = withText.modelFiles().get(ModelFiles.GENERATION);
    return new ObjectMapper().readTree(json).path("eos_token_id");
  }

  @Test
  void aCheckpointKeepsTheIdsThatEndAnAnswerAndAddsTheEndOfTurn() throws IOException {
    JsonNode alone = written("");
    assertThat(alone.isIntegralNumber()).isTrue();
    assertThat(written("{}")).isEqualTo(alone);
    assertThat(written("{\"eos_token_id\": null}")).isEqualTo(alone);
    assertThat(written("{\"eos_token_id\": " + alone + "}")).isEqualTo(alone);
    assertThat(written("{\"eos_token_id\": [3, 7, 3]}").toString())
        .isEqualTo("[3,7," + alone + "]");
    assertThat(written("{\"eos_token_id\": [" + alone + ", 3]}").toString())
        .isEqualTo("[" + alone + ",3]");
  }
}
