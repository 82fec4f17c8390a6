package io.tokenflex.jobs.pages.html;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.image.ImageDecoder;
import io.tokenflex.image.RgbImage;
import io.tokenflex.samples.EncodedImage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PictureUriTest {
  private static final String EXIF_6 =
      "Exif\0\0MM\0*\0\0\0\u0008\0\u0001\u0001\u0012\0\u0003\0\0\0\u0001\0\u0006\0\0\0\0\0\0";
  private static final String XMP_6 =
      "http://ns.adobe.com/xap/1.0/\0<rdf:Description tiff:Orientation=\"6\"/>";

  /** Small files once stood in the page as they were, and large ones were drawn unturned. */
  @ParameterizedTest
  @ValueSource(ints = {40, 700})
  void picturesStandUprightAsTrainingSeesThem(int width) throws IOException {
    for (String metadata : new String[] {EXIF_6, XMP_6}) {
      byte[] file = withSegment(jpeg(width, width / 2), metadata);
      RgbImage seen = new ImageDecoder(1_000_000).decode(file);
      assertThat(seen.height()).isEqualTo(width);

      BufferedImage shown = picture(PictureUri.of(new EncodedImage(file, width, width / 2, "x")));

      assertThat(shown.getHeight()).isEqualTo(Math.min(480, width));
      assertThat(shown.getWidth()).isEqualTo(Math.min(480, width) / 2);
      // Red grows downwards: to the right before it was turned.
      int x = shown.getWidth() / 2;
      int top = (shown.getRGB(x, shown.getHeight() / 8) >> 16) & 255;
      int bottom = (shown.getRGB(x, shown.getHeight() * 7 / 8) >> 16) & 255;
      assertThat(bottom - top).isGreaterThan(120);
    }
  }

  @Test
  void smallPicturesAreShownWithoutLoss() throws IOException {
    byte[] file = jpeg(60, 30);
    RgbImage seen = new ImageDecoder(1_000_000).decode(file);
    BufferedImage shown = picture(PictureUri.of(new EncodedImage(file, 60, 30, "x")));
    for (int i = 0; i < 60 * 30; i++) {
      int rgb =
          ((seen.rgb_YXC()[3 * i] & 255) << 16)
              | ((seen.rgb_YXC()[3 * i + 1] & 255) << 8)
              | (seen.rgb_YXC()[3 * i + 2] & 255);
      assertThat(shown.getRGB(i % 60, i / 60) & 0xFFFFFF).as("pixel %d", i).isEqualTo(rgb);
    }
  }

  @Test
  void aPictureThatCannotBeDecodedIsNamed() throws IOException {
    byte[] cut = Arrays.copyOf(jpeg(60, 30), 200);
    assertThatThrownBy(() -> PictureUri.of(new EncodedImage(cut, 60, 30, "abc")))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("Image abc: JPEG");
  }

  /** Red from left to right, with noise, so that large ones are no small PNGs. */
  private static byte[] jpeg(int width, int height) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(1);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(
            x, y, ((x * 255 / width) << 16) | (random.nextInt(60) << 8) | random.nextInt(60));
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "jpeg", out);
    return out.toByteArray();
  }

  private static byte[] withSegment(byte[] jpeg, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.ISO_8859_1);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(jpeg, 0, 2);
    out.write(0xFF);
    out.write(0xE1);
    out.write((bytes.length + 2) >> 8);
    out.write(bytes.length + 2);
    out.write(bytes, 0, bytes.length);
    out.write(jpeg, 2, jpeg.length - 2);
    return out.toByteArray();
  }

  private static BufferedImage picture(String uri) throws IOException {
    byte[] file = Base64.getDecoder().decode(uri.substring(uri.indexOf(',') + 1));
    return ImageIO.read(new ByteArrayInputStream(file));
  }
}
