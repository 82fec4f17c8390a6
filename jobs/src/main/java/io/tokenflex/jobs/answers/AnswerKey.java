package io.tokenflex.jobs.answers;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.tokenflex.digest.Digests;
import java.nio.charset.StandardCharsets;

/**
 * What answers depend on. Answers with equal keys are the same whoever made them; answers with
 * different ones lie in different folders and are never mixed.
 *
 * @param format of prompts and files; counted up when the program asks in other words
 * @param model digest of the model's files
 * @param variant what the loader makes of them, for instance a precision
 * @param rows {@link RowSource#fingerprint}
 */
record AnswerKey(
    int format, String model, String variant, int maxNewTokens, int batchSize, String rows) {
  private static final int FORMAT = 3;
  private static final int NAME_LENGTH = 16;
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  static AnswerKey of(String model, String variant, AnswerSettings settings, String rows) {
    return new AnswerKey(
        FORMAT, model, variant, settings.maxNewTokens(), settings.batchSize(), rows);
  }

  byte[] json() {
    try {
      return JSON.writeValueAsString(this).getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("numbers and texts can be written as JSON", e);
    }
  }

  /** Name of the folder of the answers. */
  String folderName() {
    return Digests.sha256Hex(json()).substring(0, NAME_LENGTH);
  }
}
