package io.tokenflex.kernels;

import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Supplier;

/** Switches graph recording of the calling thread for the length of one action; scopes nest. */
public final class GradMode {
  private GradMode() {}

  /** Kernels called by {@code action} record a graph. */
  public static <T> T recording(Supplier<T> action) {
    return with(true, action);
  }

  /** Kernels called by {@code action} record nothing. */
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
