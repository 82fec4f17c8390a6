package io.tokenflex.batches;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.InvalidInputException;
import java.io.Serial;

/**
 * A sample that the model cannot be trained on: its sequence is too long, an image cannot be
 * decoded, or the chat template rejects the conversation. The message names the sample.
 */
public final class BadSampleException extends InvalidInputException {
  @Serial private static final long serialVersionUID = 1;

  private final String sampleId;

  /**
   * Creates the exception.
   *
   * @param message names the sample, the problem and the fix
   * @param cause may be null
   */
  public BadSampleException(String sampleId, String message, Throwable cause) {
    super(message, cause);
    this.sampleId = requireNonNull(sampleId, "sampleId");
  }

  public String sampleId() {
    return sampleId;
  }
}
