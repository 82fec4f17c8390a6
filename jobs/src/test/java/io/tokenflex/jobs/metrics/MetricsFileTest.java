package io.tokenflex.jobs.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tokenflex.train.StepMetrics;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class MetricsFileTest {
  private static final StepMetrics STEP =
      new StepMetrics(
          3,
          0.5,
          64,
          2.25,
          1e-3,
          1.5,
          640,
          32,
          2,
          0.25,
          0.125,
          Instant.parse("2026-01-01T00:00:00Z"));

  @Test
  void aLineHoldsEveryFieldOfTheFormat() throws JsonProcessingException {
    String line =
        "{\"dataWaitSeconds\":0.125,\"epoch\":0.5,\"gradNorm\":1.5,\"learningRate\":0.001,"
            + "\"loss\":2.25,\"numValidTokens\":640,\"numVisionTokens\":64,\"samples\":32,"
            + "\"samplesPerSecond\":128.0,\"skippedSamples\":2,\"step\":3,\"stepSeconds\":0.25,"
            + "\"time\":\"2026-01-01T00:00:00Z\"}";
    assertThat(MetricsFile.line(STEP)).isEqualTo(line);
    assertThat(MetricsFile.readLine(line)).isEqualTo(STEP);
  }
}
