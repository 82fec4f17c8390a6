package io.tokenflex.jobs.scenes;

import io.tokenflex.jobs.scenes.Scene.Dot;
import io.tokenflex.jobs.scenes.Scene.PlacedShape;
import io.tokenflex.jobs.scenes.Scene.PrintedNumber;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Renders a {@link Scene} to the bytes of an image file. */
final class ScenePainter {
  private static final float JPEG_QUALITY = 0.92f;

  enum Format {
    PNG("png"),
    JPEG("jpg");

    final String extension;

    Format(String extension) {
      this.extension = extension;
    }
  }

  private ScenePainter() {}

  static byte[] paint(Scene scene, Format format) {
    BufferedImage image = new BufferedImage(Scene.SIZE, Scene.SIZE, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    try {
      graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
      graphics.setColor(new Color(scene.background()));
      graphics.fillRect(0, 0, Scene.SIZE, Scene.SIZE);
      for (PlacedShape shape : scene.shapes()) {
        graphics.setColor(new Color(shape.rgb()));
        graphics.fill(outline(shape));
      }
      Dot dot = scene.dot();
      graphics.setColor(new Color(dot.rgb()));
      graphics.fill(new Ellipse2D.Double(dot.left(), dot.top(), dot.size(), dot.size()));
      graphics.setColor(new Color(scene.printRgb()));
      for (PrintedNumber number : scene.numbers().values()) {
        StrokeDigits.draw(
            graphics, number.digits(), number.left(), number.top(), number.heightPx());
      }
    } finally {
      graphics.dispose();
    }
    return encode(image, format);
  }

  private static Shape outline(PlacedShape shape) {
    double left = shape.left();
    double top = shape.top();
    double size = shape.size();
    return switch (shape.type()) {
      case CIRCLE -> new Ellipse2D.Double(left, top, size, size);
      // Drawn smaller, because squares would have by far the largest area.
      case SQUARE ->
          new Rectangle2D.Double(left + size * .06, top + size * .06, size * .88, size * .88);
      case TRIANGLE -> {
        Path2D.Double path = new Path2D.Double();
        path.moveTo(left + size / 2, top);
        path.lineTo(left + size, top + size);
        path.lineTo(left, top + size);
        path.closePath();
        yield path;
      }
      case CROSS -> {
        Path2D.Double path = new Path2D.Double(Path2D.WIND_NON_ZERO);
        path.append(new Rectangle2D.Double(left, top + size * .38, size, size * .24), false);
        path.append(new Rectangle2D.Double(left + size * .38, top, size * .24, size), false);
        yield path;
      }
    };
  }

  private static byte[] encode(BufferedImage image, Format format) {
    ImageWriter writer = ImageIO.getImageWritersBySuffix(format.extension).next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream stream = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam parameters = writer.getDefaultWriteParam();
      if (format == Format.JPEG) {
        parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        parameters.setCompressionQuality(JPEG_QUALITY);
      }
      writer.setOutput(stream);
      writer.write(null, new IIOImage(image, null, null), parameters);
    } catch (IOException e) {
      throw new UncheckedIOException("Encoding " + format + " in memory failed", e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
