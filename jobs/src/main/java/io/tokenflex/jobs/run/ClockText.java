package io.tokenflex.jobs.run;

import java.time.Duration;
import java.util.Locale;

/** A time that is left, as a clock shows it. */
public final class ClockText {
  private ClockText() {}

  /** Minutes and seconds, with hours before them where there are: {@code 1:02}, {@code 2:00:07}. */
  public static String of(Duration left) {
    return left.toHours() > 0
        ? String.format(
            Locale.ROOT, "%d:%02d:%02d", left.toHours(), left.toMinutesPart(), left.toSecondsPart())
        : String.format(Locale.ROOT, "%d:%02d", left.toMinutes(), left.toSecondsPart());
  }
}
