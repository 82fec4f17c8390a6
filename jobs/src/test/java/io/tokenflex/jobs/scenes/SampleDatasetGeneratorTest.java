package io.tokenflex.jobs.scenes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.image.ImageDecoder;
import io.tokenflex.image.RgbImage;
import io.tokenflex.jobs.scenes.Scene.Dot;
import io.tokenflex.jobs.scenes.Scene.PlacedShape;
import io.tokenflex.jobs.scenes.Scene.PrintSize;
import io.tokenflex.jobs.scenes.Scene.PrintedNumber;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleDatasetGeneratorTest {
  @TempDir Path folder;

  private Path generate(String name, long seed) throws IOException {
    Path target = folder.resolve(name);
    new SampleDatasetGenerator(SampleDatasetConfig.ofSize(30, 6, seed)).generate(target);
    return target;
  }

  private static Map<String, String> digests(Path target) throws IOException {
    Map<String, String> digests = new HashMap<>();
    try (Stream<Path> files = Files.walk(target)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        digests.put(
            target.relativize(file).toString(), HexFormat.of().formatHex(Files.readAllBytes(file)));
      }
    }
    return digests;
  }

  @Test
  void theSameSeedGivesTheSameBytesAndAnotherDoesNot() throws IOException {
    Map<String, String> first = digests(generate("first", 1));
    assertThat(digests(generate("again", 1)).equals(first)).isTrue();
    assertThat(digests(generate("other", 2)).equals(first)).isFalse();
  }

  @Test
  void aTrainRecordAsksEachKindOnceAndAHeldoutRecordOne() throws IOException {
    Path target = generate("data", 1);
    JsonNode train = new ObjectMapper().readTree(target.resolve("train.json").toFile());
    assertThat(train).hasSize(30 + 7);
    for (JsonNode record : train) {
      boolean isWhole = record.get("id").textValue().startsWith("train-");
      if (isWhole) {
        assertThat(record.get("conversations")).as("%s", record).hasSize(14);
        assertThat(record.at("/conversations/0/value").textValue()).startsWith("<image>\n");
        assertThat(target.resolve("images").resolve(record.get("image").textValue())).exists();
      }
    }
    JsonNode heldout = new ObjectMapper().readTree(target.resolve("heldout.json").toFile());
    assertThat(heldout).hasSize(6 * 7);
    Set<String> kinds = new HashSet<>();
    for (JsonNode record : heldout) {
      assertThat(record.get("conversations")).hasSize(2);
      kinds.add(record.get("kind").textValue());
    }
    assertThat(kinds)
        .containsExactlyInAnyOrder(
            "colour", "ink", "shape", "count", "position", "small print", "large print");
  }

  @Test
  void shapesStandWhereTheSceneSaysInTheirColour() {
    ImageDecoder decoder = new ImageDecoder(128 * 128);
    SampleDatasetConfig config = SampleDatasetConfig.ofSize(2, 1, 1);
    for (int seed = 0; seed < 50; seed++) {
      Scene scene = Scene.draw(new Random(seed), config);
      RgbImage image = decoder.decode(ScenePainter.paint(scene, ScenePainter.Format.PNG));
      List<String> cells = new ArrayList<>();
      for (PlacedShape shape : scene.shapes()) {
        assertColour(image, shape.left(), shape.top(), shape.size(), shape.rgb());
        assertThat(shape.type()).as("one type in a scene").isEqualTo(scene.type());
        cells.add(shape.cell().words());
      }
      Dot dot = scene.dot();
      assertColour(image, dot.left(), dot.top(), dot.size(), dot.rgb());
      cells.add(dot.cell().words());
      assertThat(cells).as("scene %d", seed).doesNotHaveDuplicates();
    }
  }

  private static void assertColour(RgbImage image, int left, int top, int size, int expected) {
    int centre = 3 * ((top + size / 2) * 128 + left + size / 2);
    int rgb = 0;
    for (int channel = 0; channel < 3; channel++) {
      rgb = (rgb << 8) | (image.rgb_YXC()[centre + channel] & 255);
    }
    assertThat(rgb).as("centre of %d, %d", left, top).isEqualTo(expected);
  }

  @Test
  void numbersStayInTheirStripAndApart() {
    SampleDatasetConfig config = SampleDatasetConfig.ofSize(2, 1, 1);
    for (int seed = 0; seed < 50; seed++) {
      Scene scene = Scene.draw(new Random(seed), config);
      double end = 0;
      for (PrintSize size : PrintSize.values()) {
        PrintedNumber number = scene.number(size);
        assertThat((double) number.left()).as("%s of %s", size, scene).isGreaterThan(end);
        end = number.left() + StrokeDigits.width(number.digits(), number.heightPx());
        assertThat(number.digits()).hasSize(config.printDigits());
        assertThat(number.top()).isGreaterThanOrEqualTo(91);
        assertThat(number.top() + number.heightPx()).isLessThanOrEqualTo(127);
      }
      assertThat(end).as("%s", scene).isLessThan(128);
    }
  }

  @Test
  void wrongArgumentsAreAnsweredWithTheRightOnes() {
    assertThatThrownBy(() -> SampleDatasetGenerator.main(new String[] {"--out", "x"}))
        .hasMessageContaining("expected --out DIR --train N --heldout N [--seed S]");
  }
}
