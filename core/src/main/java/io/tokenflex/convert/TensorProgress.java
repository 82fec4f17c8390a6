package io.tokenflex.convert;

import io.tokenflex.safetensors.TensorSource;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;

/** Reports the number of copied tensors every few seconds. */
final class TensorProgress {
  private static final long INTERVAL_NANOS = Duration.ofSeconds(5).toNanos();

  private final String done;
  private final int total;
  private final Consumer<String> progress;
  private int copied;
  private long lastSaid = System.nanoTime();

  TensorProgress(String done, int total, Consumer<String> progress) {
    this.done = done;
    this.total = total;
    this.progress = progress;
  }

  /** Wraps a tensor so that reading it is counted. */
  TensorSource counting(TensorSource tensor) {
    return new TensorSource(
        tensor.name(),
        tensor.shape(),
        () -> {
          float[] values = tensor.values().read();
          count();
          return values;
        });
  }

  private void count() {
    copied++;
    if (copied == total || System.nanoTime() - lastSaid > INTERVAL_NANOS) {
      lastSaid = System.nanoTime();
      progress.accept(String.format(Locale.ROOT, "%s %d of %d tensors", done, copied, total));
    }
  }
}
