package io.tokenflex.jobs.report;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** One line of {@code metrics.jsonl}: an optimizer step. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record MetricsLine(
    long step,
    double epoch,
    int numVisionTokens,
    double loss,
    double learningRate,
    double gradNorm,
    long numValidTokens,
    int samples,
    double stepSeconds) {

  private static final ObjectMapper JSON = new ObjectMapper();

  double samplesPerSecond() {
    return samples / stepSeconds;
  }

  /**
   * Reads the lines of a metrics file in ascending order of step. A resumed run repeats the steps
   * after its checkpoint: the last line of a step counts. A last line cut off while being written
   * is left out.
   */
  public static List<MetricsLine> parse(String lines) throws JsonProcessingException {
    TreeMap<Long, MetricsLine> bySteps = new TreeMap<>();
    List<String> all = lines.lines().filter(line -> !line.isBlank()).toList();
    for (int i = 0; i < all.size(); i++) {
      try {
        MetricsLine metrics = JSON.readValue(all.get(i), MetricsLine.class);
        bySteps.put(metrics.step(), metrics);
      } catch (JsonProcessingException e) {
        if (i < all.size() - 1) {
          throw e;
        }
      }
    }
    return new ArrayList<>(bySteps.values());
  }
}
