package io.tokenflex.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Writes picture files with the JDK's own writers, whatever plugins are about. */
final class ImageEncoder {
  private static final String JDK_WRITERS = "com.sun.imageio.";

  private ImageEncoder() {}

  /**
   * Encodes as baseline JPEG, 4:2:0.
   *
   * @param quality 1 to 100: the JDK scales the standard tables exactly as libjpeg does
   */
  static byte[] jpeg(RgbImage image, int quality) {
    ImageWriter writer = jdkWriter(ImageFormat.JPEG);
    ImageWriteParam param = writer.getDefaultWriteParam();
    param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
    param.setCompressionQuality(quality / 100f);
    return write(writer, param, image);
  }

  /** Encodes as PNG of eight bits a channel. */
  static byte[] png(RgbImage image) {
    ImageWriter writer = jdkWriter(ImageFormat.PNG);
    return write(writer, writer.getDefaultWriteParam(), image);
  }

  private static byte[] write(ImageWriter writer, ImageWriteParam param, RgbImage image) {
    ByteArrayOutputStream file = new ByteArrayOutputStream(1 << 16);
    try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(file)) {
      writer.setOutput(stream);
      writer.write(
          null,
          new IIOImage(
              PackedPicture.of(image.width(), image.height(), image.rgb_YXC()), null, null),
          param);
    } catch (IOException e) {
      throw new UncheckedIOException("A picture could not be encoded in memory", e);
    } finally {
      writer.dispose();
    }
    return file.toByteArray();
  }

  private static ImageWriter jdkWriter(ImageFormat format) {
    Iterator<ImageWriter> writers = ImageIO.getImageWritersByFormatName(format.name());
    while (writers.hasNext()) {
      ImageWriter writer = writers.next();
      if (writer.getClass().getName().startsWith(JDK_WRITERS)) {
        return writer;
      }
    }
    throw new IllegalStateException(
        "This JDK has no writer for " + format + "; its module java.desktop is needed");
  }
}
