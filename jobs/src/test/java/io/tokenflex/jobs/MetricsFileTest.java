package io.tokenflex.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tokenflex.train.StepMetrics;
import java.time.Instant;
import java.util.Locale;
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

  @Test
  void aRepeatedStepCountsAsItWasLast() throws JsonProcessingException {
    assertThat(MetricsFile.read(line(0, 3.0) + line(1, 2.0) + line(1, 1.5) + line(2, 1.0)))
        .extracting(StepMetrics::loss)
        .containsExactly(3.0, 1.5, 1.0);
  }

  @Test
  void aLastLineStillBeingWrittenIsLeftOut() throws JsonProcessingException {
    assertThat(MetricsFile.read(line(0, 3.0) + "{\"step\": 1, \"lo")).hasSize(1);
  }

  @Test
  void aBrokenLineInTheMiddleIsAnError() {
    assertThatThrownBy(() -> MetricsFile.read("{\"step\": 1, \"lo\n" + line(2, 3.0)))
        .isInstanceOf(JsonProcessingException.class);
  }

  private static String line(int step, double loss) {
    return String.format(
        Locale.ROOT,
        "{\"step\":%d,\"loss\":%s,\"numVisionTokens\":64,\"time\":\"2026-01-01T00:00:00Z\"}\n",
        step,
        loss);
  }
}
