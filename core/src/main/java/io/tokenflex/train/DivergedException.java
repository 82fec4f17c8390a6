package io.tokenflex.train;

import java.io.Serial;

/** Loss or gradient is no finite number; running again unchanged would end the same way. */
public final class DivergedException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  public DivergedException(String message) {
    super(message);
  }
}
