package io.tokenflex.jobs.progress;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class TrainingProgressTest {
  @Test
  void aLineSaysStepLossTokensSpeedAndTimeLeft() throws JsonProcessingException {
    String metrics =
        """
        {"step": 120, "loss": 1.2344, "numVisionTokens": 64, "learningRate": 3e-4,
         "samples": 32, "stepSeconds": 0.5}
        """;

    assertThat(TrainingProgress.describe(new ObjectMapper().readTree(metrics), 600, 0.25))
        .isEqualTo(
            "step 120/600  loss 1.234   64 tokens  lr 3.0e-04  64.0 samples/s  2 min 00 s left");
  }
}
