package io.tokenflex.jobs.scenes;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.scenes.QuestionKind.QuestionAndAnswer;
import io.tokenflex.jobs.scenes.ScenePainter.Format;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Generates a LLaVA dataset of rendered images: {@code train.json}, {@code heldout.json} and the
 * folder {@code images/}, to which their {@code image} fields are relative.
 *
 * <p>A train record has one image and a question of each configured {@link QuestionKind}. A heldout
 * record asks one question, whose type is in its field {@code kind}; several records share an
 * image. The train file also contains one broken record of each kind found in real datasets, to
 * demonstrate rejection. Deterministic: equal configurations give equal bytes.
 */
public final class SampleDatasetGenerator {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final SampleDatasetConfig config;

  public SampleDatasetGenerator(SampleDatasetConfig config) {
    this.config = config;
  }

  /** Arguments: {@code --out DIR --train N --heldout N --seed S}. */
  public static void main(String[] args) throws IOException {
    Map<String, String> options = new HashMap<>(Map.of("--seed", "1"));
    for (int i = 0; i + 1 < args.length; i += 2) {
      options.put(args[i], args[i + 1]);
    }
    if (args.length % 2 != 0
        || !options.keySet().equals(Set.of("--out", "--train", "--heldout", "--seed"))) {
      throw new InvalidInputException(
          "Got %s; expected --out DIR --train N --heldout N [--seed S]"
              .formatted(Arrays.toString(args)));
    }
    new SampleDatasetGenerator(
            SampleDatasetConfig.ofSize(
                Integer.parseInt(options.get("--train")),
                Integer.parseInt(options.get("--heldout")),
                Long.parseLong(options.get("--seed"))))
        .generate(Path.of(options.get("--out")));
  }

  /** Writes the dataset into a folder, which is created if needed; existing files are replaced. */
  public void generate(Path folder) throws IOException {
    Path images = Files.createDirectories(folder.resolve("images"));
    List<ObjectNode> train = new ArrayList<>();
    for (int i = 0; i < config.numTrainImages(); i++) {
      train.add(trainRecord(i, images));
    }
    addBrokenRecords(train, images);
    write(train, folder.resolve("train.json"));

    writeAsked("heldout", config.numHeldoutImages(), images, folder);
    if (config.numCalibrateImages().isPresent()) {
      writeAsked("calibrate", config.numCalibrateImages().get(), images, folder);
    }
  }

  private void writeAsked(String split, int numImages, Path images, Path folder)
      throws IOException {
    List<ObjectNode> records = new ArrayList<>();
    for (int i = 0; i < numImages; i++) {
      records.addAll(askedRecords(split, i, images));
    }
    write(records, folder.resolve(split + ".json"));
  }

  private ObjectNode trainRecord(int index, Path images) throws IOException {
    Random random = randomOf("train", index);
    Scene scene = Scene.draw(random, config);
    String id = String.format(Locale.ROOT, "train-%06d", index);
    String image = writeImage(id, scene, random, images);
    List<QuestionKind> kinds = new ArrayList<>(config.questions());
    Collections.shuffle(kinds, random);
    ObjectNode record = JSON.createObjectNode().put("id", id).put("image", image);
    ArrayNode conversations = record.putArray("conversations");
    for (QuestionKind kind : kinds) {
      addTurn(conversations, kind.ask(scene, random));
    }
    return record.put("kind", "mixed");
  }

  private List<ObjectNode> askedRecords(String split, int index, Path images) throws IOException {
    Random random = randomOf(split, index);
    Scene scene = Scene.draw(random, config);
    String imageId = String.format(Locale.ROOT, "%s-%06d", split, index);
    String image = writeImage(imageId, scene, random, images);
    List<ObjectNode> records = new ArrayList<>();
    for (QuestionKind kind : config.questions()) {
      ObjectNode record =
          JSON.createObjectNode()
              .put("id", imageId + "-" + kind.word().replace(' ', '-'))
              .put("image", image);
      addTurn(record.putArray("conversations"), kind.ask(scene, random));
      record.put("kind", kind.word());
      records.add(record);
    }
    return records;
  }

  private static void addTurn(ArrayNode conversations, QuestionAndAnswer turn) {
    String mark = conversations.isEmpty() ? "<image>\n" : "";
    conversations.addObject().put("from", "human").put("value", mark + turn.question());
    conversations.addObject().put("from", "gpt").put("value", turn.answer());
  }

  private static String writeImage(String id, Scene scene, Random random, Path images)
      throws IOException {
    Format format = random.nextBoolean() ? Format.PNG : Format.JPEG;
    String name = id + "." + format.extension;
    Files.write(images.resolve(name), ScenePainter.paint(scene, format));
    return name;
  }

  /** Inserts one broken record of each kind at random positions. */
  private void addBrokenRecords(List<ObjectNode> records, Path images) throws IOException {
    Random random = randomOf("broken", 0);
    byte[] jpeg = ScenePainter.paint(Scene.draw(random, config), Format.JPEG);
    Files.write(images.resolve("broken-truncated.jpg"), Arrays.copyOf(jpeg, jpeg.length / 2));
    Files.write(
        images.resolve("broken-html.jpg"),
        "<html><body>404 Not Found</body></html>\n".getBytes(StandardCharsets.UTF_8));

    List<ObjectNode> broken = new ArrayList<>();
    broken.add(copyAs("broken-truncated", records.get(0)).put("image", "broken-truncated.jpg"));
    broken.add(copyAs("broken-missing-image", records.get(0)).put("image", "not-there.jpg"));
    broken.add(copyAs("broken-html", records.get(0)).put("image", "broken-html.jpg"));
    ObjectNode twoImages = copyAs("broken-two-images", records.get(0));
    twoImages
        .putArray("image")
        .add(records.get(0).get("image").textValue())
        .add(records.get(1).get("image").textValue());
    broken.add(twoImages);
    ObjectNode emptyAnswer = copyAs("broken-empty-answer", records.get(0));
    ((ObjectNode) emptyAnswer.get("conversations").get(1)).put("value", "");
    broken.add(emptyAnswer);
    ObjectNode noConversations = copyAs("broken-no-conversations", records.get(0));
    noConversations.remove("conversations");
    broken.add(noConversations);
    for (ObjectNode record : broken) {
      records.add(random.nextInt(records.size() + 1), record);
    }
    // Appended last, because the first of two records with the same id is kept.
    records.add(copyAs("train-000000", records.get(records.size() / 2)));
  }

  private static ObjectNode copyAs(String id, ObjectNode record) {
    return record.deepCopy().put("id", id);
  }

  private static void write(List<ObjectNode> records, Path file) throws IOException {
    try (JsonGenerator generator =
        JSON.createGenerator(file.toFile(), JsonEncoding.UTF8)
            .setPrettyPrinter(new OneRecordALine())) {
      generator.writeStartArray();
      for (ObjectNode record : records) {
        generator.writeTree(record);
      }
      generator.writeEndArray();
      generator.writeRaw('\n');
    }
  }

  private static final class OneRecordALine extends MinimalPrettyPrinter {
    private static final long serialVersionUID = 1;

    @Override
    public void beforeArrayValues(JsonGenerator generator) throws IOException {
      newLineBetweenRecords(generator);
    }

    @Override
    public void writeArrayValueSeparator(JsonGenerator generator) throws IOException {
      generator.writeRaw(',');
      newLineBetweenRecords(generator);
    }

    private static void newLineBetweenRecords(JsonGenerator generator) throws IOException {
      if (generator.getOutputContext().getParent().inRoot()) {
        generator.writeRaw('\n');
      }
    }
  }

  /** A generator per image, so that a larger dataset contains the images of a smaller one. */
  private Random randomOf(String split, int index) {
    long mixed = config.seed() * 0x9E3779B97F4A7C15L + split.hashCode();
    mixed = (mixed ^ mixed >>> 31) * 0xBF58476D1CE4E5B9L + index;
    mixed = (mixed ^ mixed >>> 29) * 0x94D049BB133111EBL;
    return new Random(mixed ^ mixed >>> 32);
  }
}
