package io.tokenflex.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PerceptualHashTest {
  private final ImageDecoder decoder = new ImageDecoder(1_000_000);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "phash-32x32.jpg",
        "phash-97x61.jpg",
        "phash-200x150.jpg",
        "phash-300x420.jpg",
        "phash-300x420-small.jpg",
        "phash-drawing.png"
      })
  void hashesAreWithinFourBitsOfImagehashs(String name) throws IOException {
    JsonNode expected = new ObjectMapper().readTree(Goldens.file("phash.json"));
    long reference = Long.parseUnsignedLong(expected.get(name).textValue(), 16);

    long actual = PerceptualHash.of(decode(name));

    assertThat(PerceptualHash.distance(actual, reference))
        .as("%s: %016x, imagehash has %016x", name, actual, reference)
        .isLessThanOrEqualTo(4);
  }

  @Test
  void aSmallerCopyIsNearAndAnotherPictureIsFar() {
    long original = PerceptualHash.of(decode("phash-300x420.jpg"));
    long copy = PerceptualHash.of(decode("phash-300x420-small.jpg"));
    long other = PerceptualHash.of(decode("phash-200x150.jpg"));

    assertThat(PerceptualHash.distance(original, copy)).isLessThanOrEqualTo(3);
    assertThat(PerceptualHash.distance(original, other)).isGreaterThan(15);
  }

  @Test
  void flatPicturesOfAnySizeAndColourHaveOneHash() {
    long white = PerceptualHash.of(flat(640, 480, 255));
    assertThat(white).isEqualTo(1L << 63);
    assertThat(PerceptualHash.of(flat(31, 7, 255))).isEqualTo(white);
    assertThat(PerceptualHash.of(flat(1, 1, 90))).isEqualTo(white);
    assertThat(PerceptualHash.of(flat(4000, 3, 90))).isEqualTo(white);
  }

  @Test
  void digestsTellPixelsAndSizesApart() {
    String digest = PixelDigest.of(flat(6, 4, 7));
    assertThat(digest).hasSize(64).isEqualTo(PixelDigest.of(flat(6, 4, 7)));
    assertThat(PixelDigest.of(flat(4, 6, 7))).isNotEqualTo(digest);
    assertThat(PixelDigest.of(flat(6, 4, 8))).isNotEqualTo(digest);
  }

  /** The digest is part of stored results: computed by Python's hashlib. */
  @Test
  void theDigestIsTheDocumentedOne() {
    assertThat(PixelDigest.of(new RgbImage(2, 1, new byte[] {1, 2, 3, -1, -2, -3})))
        .isEqualTo("063d9ac52299e847d5c27dbd7fb64e5f418515797c723ebdeb4891de7ac98deb");
  }

  private RgbImage decode(String name) {
    return decoder.decode(Goldens.file(name));
  }

  private static RgbImage flat(int width, int height, int level) {
    byte[] rgb_YXC = new byte[3 * width * height];
    Arrays.fill(rgb_YXC, (byte) level);
    return new RgbImage(width, height, rgb_YXC);
  }
}
