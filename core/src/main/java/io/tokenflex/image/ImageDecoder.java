package io.tokenflex.image;

import static java.util.Objects.requireNonNull;

import com.twelvemonkeys.imageio.plugins.jpeg.JPEGImageReaderSpi;
import io.tokenflex.image.ImageDecodeException.Reason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;

/**
 * Decodes JPEG, PNG, GIF (first frame), BMP and WebP files.
 *
 * <p>The pixels equal those of Pillow's {@code ImageOps.exif_transpose(image).convert("RGB")}.
 * Truncated files and checksum errors are rejected; the JDK's JPEG reader would fill missing rows
 * with gray and only warn. Thread-safe.
 */
public final class ImageDecoder {
  private static final String JDK_READERS = "com.sun.imageio.";

  /**
   * Reader warnings that do not affect pixels: metadata, and filler bytes that the format allows.
   */
  private static final List<String> HARMLESS_WARNINGS =
      List.of("extraneous bytes", "JFIF", "JFXX", "Inconsistent progression", "etadata", "tRNS");

  private static final ImageReaderSpi TOLERANT_JPEG = new JPEGImageReaderSpi();

  /**
   * libwebp, which Pillow uses too: equal pixels, about seven times as fast as decoding in Java.
   */
  private static final ImageReaderSpi WEBP = new com.luciad.imageio.webp.WebPImageReaderSpi();

  static {
    // No cache files on disk. Plugins are registered by class, because service lookup fails in
    // Spark's class loaders.
    ImageIO.setUseCache(false);
    IIORegistry.getDefaultInstance().registerServiceProvider(TOLERANT_JPEG, ImageReaderSpi.class);
  }

  private final ImageLimits limits;

  /**
   * Creates a decoder.
   *
   * @param limits checked against the file's header, before pixels are decoded
   */
  public ImageDecoder(ImageLimits limits) {
    this.limits = requireNonNull(limits, "limits");
  }

  /**
   * Creates a decoder that limits the number of pixels only.
   *
   * @param maxPixels maximum width times height
   */
  public ImageDecoder(long maxPixels) {
    this(ImageLimits.ofPixels(maxPixels));
  }

  /**
   * Decodes a file.
   *
   * @throws ImageDecodeException if the bytes are not an image, damaged, outside the limits or of
   *     an unsupported variant
   */
  public RgbImage decode(byte[] file) {
    ImageFormat format = ImageFormat.of(file);
    return switch (format) {
      case JPEG -> decodeJpeg(JpegFile.of(file));
      case PNG -> {
        PngFile png = PngFile.of(file);
        RgbImage stored =
            read(
                format,
                jdkReader(format),
                file,
                reader -> RasterReader.rgb(reader.read(0), png.numColours()));
        yield Orientation.apply(stored, png.orientation());
      }
      case GIF -> GifDecoder.decode(file, limits);
      case BMP -> BmpDecoder.decode(file, limits);
      case WEBP -> decodeWebp(file);
    };
  }

  private RgbImage decodeJpeg(JpegFile jpeg) {
    PixelReading pixels =
        switch (jpeg.numComponents()) {
          case 3 ->
              jpeg.hasHalfChromaRows()
                  ? reader -> JpegColours.rgbOfHalfChromaRows(reader.readRaster(0, null))
                  : RasterReader::rgbOfJpeg;
          case 4 ->
              reader -> JpegColours.rgbOfInvertedCmyk(reader.readRaster(0, null), jpeg.isYcck());
          default -> reader -> RasterReader.rgb(reader.read(0));
        };
    RgbImage stored;
    try {
      stored = read(ImageFormat.JPEG, jdkReader(ImageFormat.JPEG), jpeg.plain(), pixels);
    } catch (ImageDecodeException e) {
      if (e.reason() != Reason.UNSUPPORTED || jpeg.numComponents() == 4) {
        throw e;
      }
      // Lossless JPEG, which the JDK's reader does not support.
      stored = decodeWith(newReader(TOLERANT_JPEG), ImageFormat.JPEG, jpeg.plain());
    }
    return Orientation.apply(stored, jpeg.orientation());
  }

  private RgbImage decodeWebp(byte[] file) {
    WebpFile webp = WebpFile.of(file);
    RgbImage stored;
    if (webp.first().isPresent()) {
      WebpFile.Frame first = webp.first().get();
      limits.check(ImageFormat.WEBP, first.canvasWidth(), first.canvasHeight());
      stored = first.place(decodeWith(newReader(WEBP), ImageFormat.WEBP, first.file()));
    } else {
      stored = decodeWith(newReader(WEBP), ImageFormat.WEBP, file);
    }
    return Orientation.apply(stored, webp.orientation());
  }

  private RgbImage decodeWith(ImageReader reader, ImageFormat format, byte[] file) {
    return read(format, reader, file, r -> RasterReader.rgb(r.read(0)));
  }

  @FunctionalInterface
  private interface PixelReading {
    byte[] from(ImageReader reader) throws IOException;
  }

  private RgbImage read(ImageFormat format, ImageReader reader, byte[] file, PixelReading pixels) {
    List<String> warnings = new ArrayList<>();
    try (ByteArrayImageStream stream = new ByteArrayImageStream(file)) {
      reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
      // Ignoring metadata also avoids decompressing text chunks.
      reader.setInput(stream, true, true);
      int width = reader.getWidth(0);
      int height = reader.getHeight(0);
      limits.check(format, width, height);
      byte[] rgb_YXC = pixels.from(reader);
      refuseIfDamaged(format, file, warnings);
      return new RgbImage(width, height, rgb_YXC);
    } catch (ImageDecodeException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      refuseIfDamaged(format, file, warnings);
      Reason reason = format == ImageFormat.JPEG ? Reason.UNSUPPORTED : Reason.DAMAGED;
      throw new ImageDecodeException(
          reason,
          String.format(
              Locale.ROOT,
              "%s of %d bytes could not be decoded (%s)",
              format,
              file.length,
              e.getMessage()),
          e);
    } catch (OutOfMemoryError e) {
      // libwebp's binding throws an exception without a message for a damaged alpha plane.
      if (format != ImageFormat.WEBP || e.getMessage() != null) {
        throw e;
      }
      throw new ImageDecodeException(
          Reason.DAMAGED, "WebP of " + file.length + " bytes has damaged alpha; fetch it again", e);
    } finally {
      reader.dispose();
    }
  }

  private static void refuseIfDamaged(ImageFormat format, byte[] file, List<String> warnings) {
    for (String warning : warnings) {
      if (HARMLESS_WARNINGS.stream().noneMatch(warning::contains)) {
        throw new ImageDecodeException(
            Reason.DAMAGED,
            String.format(
                Locale.ROOT,
                "%s of %d bytes is incomplete or altered (%s); fetch it again",
                format,
                file.length,
                warning));
      }
    }
  }

  private static ImageReader jdkReader(ImageFormat format) {
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format.name());
    while (readers.hasNext()) {
      ImageReader reader = readers.next();
      if (reader.getClass().getName().startsWith(JDK_READERS)) {
        return reader;
      }
    }
    throw new IllegalStateException(
        "This JDK has no reader for " + format + "; its module java.desktop is needed");
  }

  private static ImageReader newReader(ImageReaderSpi provider) {
    try {
      return provider.createReaderInstance();
    } catch (IOException e) {
      throw new IllegalStateException("Reader " + provider.getClass() + " cannot be made", e);
    }
  }
}
