package io.tokenflex.kernels;

import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Supplier;

/**
 * Sets autograd's grad mode of the calling thread for the duration of one action; can be nested.
 */
public final class GradMode {
  private GradMode() {}

  /** Runs {@code action} with graph recording on. */
  public static <T> T recording(Supplier<T> action) {
    return with(true, action);
  }

  /** Runs {@code action} with graph recording off. */
  public static <T> T off(Supplier<T> action) {
    return with(false, action);
  }

  private static <T> T with(boolean enabled, Supplier<T> action) {
    boolean before = JniUtils.isGradMode();
    JniUtils.setGradMode(enabled);
    try {
      return action.get();
    } finally {
      JniUtils.setGradMode(before);
    }
  }
}
