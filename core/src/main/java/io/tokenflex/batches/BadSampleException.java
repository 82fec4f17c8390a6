package io.tokenflex.batches;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.InvalidInputException;
import java.io.Serial;

/**
 * A sample that a model cannot be trained on: too long, with a picture that cannot be decoded, or
 * with a conversation that the chat template refuses. The message names it.
 */
public final class BadSampleException extends InvalidInputException {
  @Serial private static final long serialVersionUID = 1;

  private final String sampleId;

  /**
   * Says what is wrong.
   *
   * @param message names the sample, what is wrong and the next move
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
