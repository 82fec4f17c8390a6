package io.tokenflex.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Iterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TilingTransformTest {
  private static final String FOLDER = "/golden/image_processors/";

  private static byte[] file(String name) {
    try (InputStream in = TilingTransformTest.class.getResourceAsStream(FOLDER + name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode sweeps() throws IOException {
    return new ObjectMapper().readTree(file("processors.json")).get("sweeps");
  }

  static Iterator<String> sweepNames() throws IOException {
    return sweeps().fieldNames();
  }

  @ParameterizedTest
  @MethodSource("sweepNames")
  void theGridOfEverySizeIsTheReferences(String name) throws IOException {
    JsonNode sweep = sweeps().get(name);
    TilingTransform tiling =
        new TilingTransform(
            sweep.get("image_size").intValue(),
            sweep.get("min_tiles").intValue(),
            sweep.get("max_tiles").intValue(),
            sweep.get("use_thumbnail").booleanValue(),
            LevelNormalization.SIGLIP);
    int first = sweep.get("first").intValue();
    int step = sweep.get("step").intValue();
    RgbImage expected = new ImageDecoder(1 << 20).decode(file("sweep-" + name + ".png"));

    for (int row = 0; row < expected.height(); row++) {
      for (int column = 0; column < expected.width(); column++) {
        int width = first + column * step;
        int height = first + row * step;
        int at = 3 * (row * expected.width() + column);
        byte[] codes = expected.rgb_YXC();
        TilingTransform.Grid grid = new TilingTransform.Grid(codes[at], codes[at + 1]);
        assertThat(tiling.grid(width, height)).as("%d x %d", width, height).isEqualTo(grid);
        assertThat(tiling.numTiles(width, height))
            .as("%d x %d", width, height)
            .isEqualTo(codes[at + 2]);
      }
    }
  }

  @Test
  void tilesAreInReadingOrderAndTheWholePictureComesLast() {
    TilingTransform tiling = new TilingTransform(8, 1, 6, true, LevelNormalization.SIGLIP);
    RgbImage image = SeededPicture.of(24, 16, 3);
    assertThat(tiling.numTiles(24, 16)).isEqualTo(7);
    byte[] values = new byte[7 * tiling.numTileValues()];
    tiling.apply(image, values, 0);
    for (int tile = 0; tile < 6; tile++) {
      for (int y = 0; y < 8; y++) {
        for (int x = 0; x < 8; x++) {
          int pictureY = tile / 3 * 8 + y;
          int pictureX = tile % 3 * 8 + x;
          byte level = image.rgb_YXC()[3 * (pictureY * 24 + pictureX) + 1];
          assertThat(values[((tile * 3 + 1) * 8 + y) * 8 + x]).isEqualTo(level);
        }
      }
    }
    byte[] whole = new byte[tiling.numTileValues()];
    ImageTransform.siglip(8).apply(image, whole, 0);
    assertThat(Arrays.copyOfRange(values, 6 * whole.length, 7 * whole.length)).isEqualTo(whole);
  }

  @Test
  void oneTileHasNoThumbnail() {
    TilingTransform tiling = new TilingTransform(448, 1, 12, true, LevelNormalization.IMAGENET);
    assertThat(tiling.numTiles(300, 301)).isEqualTo(1);
    assertThat(tiling.numTiles(300, 601)).isEqualTo(3);
  }

  @Test
  void anEmptyRangeOfTilesIsRefused() {
    assertThatThrownBy(() -> new TilingTransform(448, 3, 2, true, LevelNormalization.SIGLIP))
        .hasMessage("A picture cannot have 3 to 2 tiles; expected 1 <= minTiles <= maxTiles");
  }

  @Test
  void anArrayWithoutRoomForAllTilesIsRefused() {
    TilingTransform tiling = new TilingTransform(2, 1, 2, true, LevelNormalization.SIGLIP);
    assertThatThrownBy(() -> tiling.apply(SeededPicture.of(4, 2, 1), new byte[35], 0))
        .hasMessage("An array of 35 bytes has no room for 36 at 0");
  }
}
