package io.tokenflex.jobs.events;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;

/**
 * An event and who tells it; on the wire a line of JSON. Both ends are of the same build, so a line
 * with a field too few or too many is no message.
 *
 * @param attempt number of the attempt that the rank belongs to
 * @param rank from 0
 */
public record RankMessage(int attempt, int rank, TrainingEvent event) {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  public RankMessage {
    requireNonNull(event, "event");
  }

  /** The line, without its end. */
  String toLine() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Numbers and strings always become JSON", e);
    }
  }

  /**
   * The message in a line.
   *
   * @throws JsonProcessingException if it holds none
   */
  static RankMessage parse(String line) throws JsonProcessingException {
    RankMessage message = JSON.readValue(line, RankMessage.class);
    if (message == null) {
      throw MismatchedInputException.from(null, RankMessage.class, "null is no message");
    }
    return message;
  }
}
