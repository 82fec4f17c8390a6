package io.tokenflex.judge;

import java.io.Serial;

/** A judge gave no reply. */
public class JudgeException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  public JudgeException(String message) {
    super(message);
  }

  public JudgeException(String message, Throwable cause) {
    super(message, cause);
  }
}
