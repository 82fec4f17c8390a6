package io.tokenflex.image;

/** Smooth colours with noise: the formula of {@code tools/golden/image_processors.py}. */
public final class SeededPicture {
  private SeededPicture() {}

  /** The picture that the script calls {@code picture(width, height, seed)}. */
  public static RgbImage of(int width, int height, int seed) {
    byte[] rgb_YXC = new byte[3 * width * height];
    int at = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < 3; c++) {
          int smooth =
              switch (c) {
                case 0 -> x * 255 / Math.max(1, width - 1);
                case 1 -> y * 255 / Math.max(1, height - 1);
                default -> (x + y) * 255 / Math.max(1, width + height - 2);
              };
          long mixed = (x * 73856093L) ^ (y * 19349663L) ^ ((c + 1) * 83492791L) ^ (seed * 40503L);
          long noise = ((((mixed & 0xFFFFFFFFL) * 1103515245L + 12345) >> 16) & 0xFFFF) % 25 - 12;
          rgb_YXC[at++] = (byte) Math.max(0, Math.min(255, smooth + noise));
        }
      }
    }
    return new RgbImage(width, height, rgb_YXC);
  }
}
