package io.tokenflex.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;

/** The fixtures written by {@code tools/golden/images.py}. */
final class Goldens {
  private Goldens() {}

  static byte[] file(String name) {
    try (InputStream stream = Goldens.class.getResourceAsStream("/golden/image/" + name)) {
      if (stream == null) {
        throw new IllegalArgumentException("No fixture " + name + "; run tools/golden/images.py");
      }
      return stream.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Largest and mean difference of levels and the first place where it is above the limit. */
  record Difference(int max, double mean, String firstAboveLimit) {
    static Difference between(RgbImage actual, RgbImage expected, int limit) {
      if (actual.width() != expected.width() || actual.height() != expected.height()) {
        return new Difference(
            Integer.MAX_VALUE,
            Double.NaN,
            String.format(
                Locale.ROOT,
                "%dx%d instead of %dx%d",
                actual.width(),
                actual.height(),
                expected.width(),
                expected.height()));
      }
      int max = 0;
      long sum = 0;
      String first = "nowhere";
      byte[] levels = expected.rgb_YXC();
      for (int i = 0; i < levels.length; i++) {
        int difference = Math.abs((levels[i] & 255) - (actual.rgb_YXC()[i] & 255));
        max = Math.max(max, difference);
        sum += difference;
        if (difference > limit && first.equals("nowhere")) {
          first =
              String.format(
                  Locale.ROOT,
                  "x=%d y=%d c=%d: %d, expected %d",
                  i / 3 % expected.width(),
                  i / 3 / expected.width(),
                  i % 3,
                  actual.rgb_YXC()[i] & 255,
                  levels[i] & 255);
        }
      }
      return new Difference(max, (double) sum / levels.length, first);
    }
  }
}
