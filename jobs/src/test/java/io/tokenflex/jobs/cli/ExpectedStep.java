package io.tokenflex.jobs.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.image.PixelDigest;
import io.tokenflex.image.RgbImage;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/**
 * What one run of {@code prepare} is given and must do; what is left out is not looked at, but for
 * {@code exit}, and {@code added} and {@code rejected} of a run that ends well.
 *
 * @param files copied before the run, new name to old name within the case's folder
 * @param input replaces {@code input.hocon}
 * @param set settings as given to {@code --set}
 * @param exit the exit status
 * @param added samples added
 * @param rejected records by reason
 * @param texts the conversations of all samples of the dataset: by id, or as a list in any order
 * @param pixels of samples by id: names in the folder {@code pillow} without {@code .png}, or
 *     digests
 * @param images images in the dataset
 * @param message parts of what the command says when it fails
 * @param details parts of what the rejects table says, each in some row
 */
record ExpectedStep(
    Map<String, String> files,
    String input,
    List<String> set,
    @JsonProperty(required = true) int exit,
    Long added,
    Map<String, Long> rejected,
    JsonNode texts,
    Map<String, List<String>> pixels,
    Long images,
    List<String> message,
    List<String> details) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PNG = ".png";

  ExpectedStep {
    files = files == null ? Map.of() : Map.copyOf(files);
    set = set == null ? List.of() : List.copyOf(set);
    rejected = rejected == null ? Map.of() : Map.copyOf(rejected);
    pixels = pixels == null ? Map.of() : Map.copyOf(pixels);
    message = message == null ? List.of() : List.copyOf(message);
    details = details == null ? List.of() : List.copyOf(details);
    if (exit == 0 && added == null) {
      throw new IllegalArgumentException("A step that ends with status 0 must say what was added");
    }
  }

  /**
   * The steps of a case: {@code expected.json} is one of them, or {@code {"steps": [...]}}; none if
   * there is no such file.
   */
  static Optional<List<ExpectedStep>> of(Path caseFolder) throws IOException {
    Path file = caseFolder.resolve("expected.json");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    JsonNode json = JSON.readTree(file.toFile());
    List<ExpectedStep> steps = new ArrayList<>();
    for (JsonNode step : json.has("steps") ? json.get("steps") : List.of(json)) {
      steps.add(JSON.treeToValue(step, ExpectedStep.class));
    }
    return Optional.of(steps);
  }

  /** Without expectations, to see what happens. */
  static ExpectedStep unknown() {
    return new ExpectedStep(null, null, null, -1, null, null, null, null, null, null, null);
  }

  /** Everything that differs, in words. */
  List<String> differences(SeenStep seen, Path caseFolder) throws IOException {
    List<String> differences = new ArrayList<>();
    compare("exit", exit, seen.exit(), differences);
    if (exit == 0 && seen.exit() == 0) {
      compare("added", added, seen.added(), differences);
      compare("rejected", new TreeMap<>(rejected), new TreeMap<>(seen.rejected()), differences);
    }
    if (images != null) {
      compare("images", images, seen.images(), differences);
    }
    if (texts != null) {
      compareTexts(seen, differences);
    }
    for (Map.Entry<String, List<String>> sample : pixels.entrySet()) {
      List<String> digests = new ArrayList<>();
      for (String name : sample.getValue()) {
        digests.add(digest(caseFolder, name));
      }
      compare(
          "pixels of " + sample.getKey(), digests, seen.pixels().get(sample.getKey()), differences);
    }
    if (pixels.isEmpty() && exit == 0) {
      comparePillow(seen, caseFolder, differences);
    }
    for (String part : message) {
      if (!seen.message().contains(part)) {
        differences.add("message lacks '" + part + "'");
      }
    }
    for (String part : details) {
      if (seen.details().stream().noneMatch(detail -> detail.contains(part))) {
        differences.add("no reject says '" + part + "'");
      }
    }
    return differences;
  }

  private void compareTexts(SeenStep seen, List<String> differences) {
    if (texts.isArray()) {
      List<String> expected = new ArrayList<>();
      texts.forEach(conversation -> expected.add(conversation.toString()));
      compare(
          "texts",
          expected.stream().sorted().toList(),
          seen.texts().values().stream().map(text -> json(text).toString()).sorted().toList(),
          differences);
      return;
    }
    Map<String, JsonNode> expected = new TreeMap<>();
    texts.properties().forEach(field -> expected.put(field.getKey(), field.getValue()));
    Map<String, JsonNode> actual = new TreeMap<>();
    seen.texts().forEach((id, text) -> actual.put(id, json(text)));
    Stream.concat(expected.keySet().stream(), actual.keySet().stream())
        .distinct()
        .forEach(id -> compare("text of " + id, expected.get(id), actual.get(id), differences));
  }

  private static JsonNode json(List<List<String>> conversation) {
    return JSON.valueToTree(conversation);
  }

  /** Every picture that Pillow's pixels are known of must be in the dataset, whoever's it is. */
  private static void comparePillow(SeenStep seen, Path caseFolder, List<String> differences)
      throws IOException {
    Path pillow = caseFolder.resolve("pillow");
    if (!Files.isDirectory(pillow)) {
      return;
    }
    List<Path> pictures;
    try (Stream<Path> files = Files.list(pillow)) {
      pictures = files.sorted().toList();
    }
    for (Path picture : pictures) {
      String digest = digest(picture);
      if (seen.pixels().values().stream().noneMatch(digests -> digests.contains(digest))) {
        differences.add("no sample has the pixels of pillow/" + picture.getFileName());
      }
    }
  }

  private static String digest(Path caseFolder, String name) throws IOException {
    Path picture = caseFolder.resolve("pillow").resolve(name + PNG);
    return Files.exists(picture) ? digest(picture) : name;
  }

  private static String digest(Path png) throws IOException {
    BufferedImage picture = ImageIO.read(png.toFile());
    int[] pixels =
        picture.getRGB(0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth());
    byte[] rgb_YXC = new byte[3 * pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      rgb_YXC[3 * i] = (byte) (pixels[i] >> 16);
      rgb_YXC[3 * i + 1] = (byte) (pixels[i] >> 8);
      rgb_YXC[3 * i + 2] = (byte) pixels[i];
    }
    return PixelDigest.of(new RgbImage(picture.getWidth(), picture.getHeight(), rgb_YXC));
  }

  private static void compare(String what, Object expected, Object seen, List<String> differences) {
    if (!expectedEquals(expected, seen)) {
      differences.add(what + ": expected " + expected + " but was " + seen);
    }
  }

  private static boolean expectedEquals(Object expected, Object seen) {
    return expected == null ? seen == null : expected.equals(seen);
  }
}
