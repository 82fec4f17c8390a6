package io.tokenflex.image;

/** Places an animation frame on its canvas. */
final class Canvas {
  private Canvas() {}

  /**
   * Draws a frame on a canvas of one colour.
   *
   * @param width canvas width in pixels; at least the frame's right edge
   * @param height canvas height in pixels; at least the frame's lower edge
   * @param left column of the frame's left edge
   * @param top row of the frame's upper edge
   * @param fill canvas colour, 0xRRGGBB
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
