package io.tokenflex.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import org.junit.jupiter.api.Test;

class MetricsLineTest {
  @Test
  void aRepeatedStepCountsAsItWasLast() throws JsonProcessingException {
    assertThat(MetricsLine.parse(line(0, 3.0) + line(1, 2.0) + line(1, 1.5) + line(2, 1.0)))
        .extracting(MetricsLine::loss)
        .containsExactly(3.0, 1.5, 1.0);
  }

  @Test
  void aLastLineStillBeingWrittenIsLeftOut() throws JsonProcessingException {
    assertThat(MetricsLine.parse(line(0, 3.0) + "{\"step\": 1, \"lo")).hasSize(1);
  }

  @Test
  void aBrokenLineInTheMiddleIsAnError() {
    assertThatThrownBy(() -> MetricsLine.parse("{\"step\": 1, \"lo\n" + line(2, 3.0)))
        .isInstanceOf(JsonProcessingException.class);
  }

  private static String line(int step, double loss) {
    return "{\"step\":%d,\"loss\":%s,\"numVisionTokens\":64,\"time\":\"2026-01-01T00:00:00Z\"}\n"
        .formatted(step, loss);
  }
}
