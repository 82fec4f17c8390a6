package io.tokenflex.image;

/** The whole picture of which a frame is a part. */
final class Canvas {
  private Canvas() {}

  /**
   * Shows a frame in its place.
   *
   * @param width pixels; at least up to the frame's right edge
   * @param height pixels; at least down to the frame's lower edge
   * @param left column of the frame's left edge
   * @param top row of the frame's upper edge
   * @param fill 0xRRGGBB around the frame
   */
  static RgbImage place(RgbImage frame, int width, int height, int left, int top, int fill) {
    if (frame.width() == width && frame.height() == height) {
      return frame;
    }
    byte[] rgb_YXC = new byte[3 * width * height];
    if (fill != 0) {
      for (int i = 0; i < rgb_YXC.length; i += 3) {
        rgb_YXC[i] = (byte) (fill >> 16);
        rgb_YXC[i + 1] = (byte) (fill >> 8);
        rgb_YXC[i + 2] = (byte) fill;
      }
    }
    int rowBytes = 3 * frame.width();
    for (int y = 0; y < frame.height(); y++) {
      int to = 3 * ((top + y) * width + left);
      System.arraycopy(frame.rgb_YXC(), y * rowBytes, rgb_YXC, to, rowBytes);
    }
    return new RgbImage(width, height, rgb_YXC);
  }
}
