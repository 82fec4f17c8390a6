package io.tokenflex.modelfolder;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.image.ImageDecoder;
import io.tokenflex.image.ImageTransform;
import io.tokenflex.image.RgbImage;
import io.tokenflex.image.SeededPicture;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Image processors against those of transformers, written by tools/golden/image_processors.py. */
class ImageProcessorGoldenTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonNode GOLDEN = golden();

  private static byte[] file(String name) throws IOException {
    try (InputStream in =
        ImageProcessorGoldenTest.class.getResourceAsStream("/golden/image_processors/" + name)) {
      return in.readAllBytes();
    }
  }

  private static JsonNode golden() {
    try {
      return JSON.readTree(file("processors.json"));
    } catch (IOException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  static Iterator<String> variants() {
    return GOLDEN.get("variants").fieldNames();
  }

  private static ImageTransform read(JsonNode variant) throws IOException {
    byte[] preprocessor = JSON.writeValueAsBytes(variant.get("preprocessor_config"));
    return variant.has("config")
        ? ImageProcessorJson.readInternVl(
            JSON.writeValueAsBytes(variant.get("config")), "config.json", Optional.of(preprocessor))
        : ImageProcessorJson.read(preprocessor, "preprocessor_config.json");
  }

  @ParameterizedTest
  @MethodSource("variants")
  void everyPixelOfEveryTileIsTheReferences(String name) throws IOException {
    JsonNode variant = GOLDEN.get("variants").get(name);
    ImageTransform transform = read(variant);
    RgbImage levels = new ImageDecoder(1 << 20).decode(file(name + ".png"));
    Comparison comparison = new Comparison(transform, levels, variant.get("values"));
    for (int i = 0; i < GOLDEN.get("sizes").size(); i++) {
      int width = GOLDEN.get("sizes").get(i).get(0).intValue();
      int height = GOLDEN.get("sizes").get(i).get(1).intValue();
      int numTiles = variant.get("num_tiles").get(i).intValue();
      assertThat(transform.numTiles(width, height)).as("%dx%d", width, height).isEqualTo(numTiles);
      comparison.compare(SeededPicture.of(width, height, i), numTiles);
    }
    assertThat(comparison.firstRow * transform.width() * 3)
        .as("levels compared")
        .isEqualTo(levels.rgb_YXC().length);
    assertThat(comparison.maxDifference)
        .as("largest difference, in %s", comparison.worst)
        .isLessThanOrEqualTo(1e-6);
  }

  /** Values against those of the expected levels; a wrong level is a difference of about 0.01. */
  private static final class Comparison {
    private final ImageTransform transform;
    private final RgbImage levels;
    private final JsonNode values;
    private int firstRow;
    private double maxDifference;
    private String worst = "nothing";

    Comparison(ImageTransform transform, RgbImage levels, JsonNode values) {
      this.transform = transform;
      this.levels = levels;
      this.values = values;
    }

    void compare(RgbImage picture, int numTiles) {
      int height = transform.height();
      int width = transform.width();
      byte[] made = new byte[numTiles * transform.numTileValues()];
      transform.apply(picture, made, 0);
      float[] actual = transform.normalization().apply(made, height * width);
      int at = 0;
      for (int tile = 0; tile < numTiles; tile++) {
        for (int c = 0; c < 3; c++) {
          for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
              int row = firstRow + tile * height + y;
              int level = levels.rgb_YXC()[3 * (row * width + x) + c] & 255;
              double difference =
                  Math.abs(actual[at++] - (float) values.get(c).get(level).doubleValue());
              if (!(difference <= maxDifference)) {
                maxDifference = difference;
                worst =
                    String.format(
                        Locale.ROOT,
                        "%dx%d tile %d c=%d y=%d x=%d level %d",
                        picture.width(),
                        picture.height(),
                        tile,
                        c,
                        y,
                        x,
                        level);
              }
            }
          }
        }
      }
      firstRow += numTiles * height;
    }
  }

  static Iterator<String> fullSizeVariants() {
    return GOLDEN.get("full_size_variants").fieldNames();
  }

  @ParameterizedTest
  @MethodSource("fullSizeVariants")
  void everyLevelAtPublishedSizesIsTheReferences(String name) throws Exception {
    JsonNode variant = GOLDEN.get("full_size_variants").get(name);
    ImageTransform transform = read(variant);
    for (int i = 0; i < GOLDEN.get("full_sizes").size(); i++) {
      int width = GOLDEN.get("full_sizes").get(i).get(0).intValue();
      int height = GOLDEN.get("full_sizes").get(i).get(1).intValue();
      byte[] levels = new byte[transform.numTiles(width, height) * transform.numTileValues()];
      transform.apply(SeededPicture.of(width, height, i), levels, 0);
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(levels);
      assertThat(HexFormat.of().formatHex(digest))
          .as("%dx%d", width, height)
          .isEqualTo(variant.get("sha256").get(i).textValue());
    }
  }

  @Test
  void omittedKeysHaveTheDefaultsOfTransformers() throws IOException {
    assertThat(GOLDEN.get("defaults")).hasSize(3);
    for (JsonNode full : GOLDEN.get("defaults")) {
      ObjectNode bare = JSON.createObjectNode();
      bare.set("image_processor_type", full.get("image_processor_type"));
      assertThat(ImageProcessorJson.read(JSON.writeValueAsBytes(bare), "bare"))
          .isEqualTo(ImageProcessorJson.read(JSON.writeValueAsBytes(full), "full"));
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void whatIsWrittenIsReadBack(String name) throws IOException {
    ImageTransform transform = read(GOLDEN.get("variants").get(name));
    assertThat(ImageProcessorJson.read(ImageProcessorJson.write(transform), "written"))
        .isEqualTo(transform);
  }
}
