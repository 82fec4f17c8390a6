package io.tokenflex.jobs.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.train.StepMetrics;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * {@code metrics.jsonl} and the parts before it: an optimizer step a line, as
 * docs/format/run-folder.md says.
 */
public final class MetricsFile {
  public static final String NAME = "metrics.jsonl";

  /** Folder of the parts that are full, in the run folder. */
  public static final String PARTS = "metrics";

  private static final int MAX_LINE_BYTES = 1 << 16;

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

  /** Where the full parts lie, the oldest first, by name in the run folder. */
  public static List<String> parts(RunFolder folder) throws IOException {
    List<String> parts = new ArrayList<>();
    for (String name : folder.list(PARTS)) {
      if (name.matches("\\d{6,}\\.jsonl")) {
        parts.add(PARTS + "/" + name);
      }
    }
    parts.sort(Comparator.comparingLong(MetricsFile::numberOf));
    return parts;
  }

  /** Number of a part. */
  public static long numberOf(String part) {
    return Long.parseLong(part.replaceAll("\\D", ""));
  }

  /** Name of the part of a number, from 1. */
  public static String part(long number) {
    return String.format(Locale.ROOT, "%s/%06d.jsonl", PARTS, number);
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

  /** Gets what a file holds, in its order. */
  public interface Reader {
    /** A step and the line that says it. */
    void step(StepMetrics metrics, String line);

    /** A line that cannot be read is left out. */
    void damaged(long lineNumber, String why);
  }

  /** Reads a file line by line. Metrics are for people: what is damaged stops nobody. */
  public static void read(InputStream in, Reader reader) throws IOException {
    BufferedInputStream bytes = new BufferedInputStream(in, 1 << 16);
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    long number = 1;
    int length = 0;
    int next;
    do {
      next = bytes.read();
      if (next == '\n' || next < 0) {
        if (length > MAX_LINE_BYTES) {
          reader.damaged(number, "more than " + MAX_LINE_BYTES + " bytes");
        } else {
          readLine(line.toString(UTF_8), number, reader);
        }
        line.reset();
        length = 0;
        number++;
      } else if (++length <= MAX_LINE_BYTES) {
        line.write(next);
      }
    } while (next >= 0);
  }

  private static void readLine(String line, long number, Reader reader) {
    if (line.isBlank()) {
      return;
    }
    StepMetrics metrics = null;
    try {
      metrics = readLine(line);
    } catch (JsonProcessingException e) {
      // said below
    }
    if (metrics == null || metrics.step() < 1) {
      String start = line.substring(0, Math.min(40, line.length()));
      reader.damaged(number, "no metrics of a step: " + start.replaceAll("\\p{Cntrl}", "?"));
      return;
    }
    reader.step(metrics, line);
  }
}
