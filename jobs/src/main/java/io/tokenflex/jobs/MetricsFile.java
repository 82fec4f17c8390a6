package io.tokenflex.jobs;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.tokenflex.train.StepMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** {@code metrics.jsonl}: an optimizer step a line, as docs/format/run-folder.md says. */
public final class MetricsFile {
  public static final String NAME = "metrics.jsonl";

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .addMixIn(StepMetrics.class, WithSamplesPerSecond.class)
          .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .disable(MapperFeature.SORT_CREATOR_PROPERTIES_FIRST)
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private MetricsFile() {}

  /** Written for people; computed again when read. */
  private interface WithSamplesPerSecond {
    @JsonProperty(access = JsonProperty.Access.READ_ONLY)
    double samplesPerSecond();
  }

  /** A step's line, without the line feed. */
  public static String line(StepMetrics metrics) {
    try {
      return JSON.writeValueAsString(metrics);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Numbers and strings always become JSON", e);
    }
  }

  public static StepMetrics readLine(String line) throws JsonProcessingException {
    return JSON.readValue(line, StepMetrics.class);
  }

  /**
   * Reads the lines of a file in ascending order of step. A resumed run repeats the steps after its
   * checkpoint: the last line of a step counts. A last line cut off while being written is left
   * out.
   */
  public static List<StepMetrics> read(String lines) throws JsonProcessingException {
    TreeMap<Long, StepMetrics> bySteps = new TreeMap<>();
    List<String> all = lines.lines().filter(line -> !line.isBlank()).toList();
    for (int i = 0; i < all.size(); i++) {
      try {
        StepMetrics metrics = readLine(all.get(i));
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
