package io.tokenflex.dataprep.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.dataprep.input.InputConfig;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/** A small LLaVA dataset in a temporary folder, built record by record. */
public final class LlavaFolder {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path root;
  private final List<String> records = new ArrayList<>();

  public LlavaFolder(Path root) {
    this.root = root;
    try {
      Files.createDirectories(root.resolve("images"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A valid record with one picture of its own. */
  public ObjectNode record(String id) {
    String image = image(id + ".png", pictureBytes("png", id.hashCode()));
    ObjectNode record = JSON.createObjectNode().put("id", id).put("image", image);
    ArrayNode turns = record.putArray("conversations");
    turns.addObject().put("from", "human").put("value", "<image>\nWhat is " + id + "?");
    turns.addObject().put("from", "gpt").put("value", "It is " + id + ".");
    return record;
  }

  public static ObjectNode turn(ObjectNode record, int turn) {
    return (ObjectNode) record.get("conversations").get(turn);
  }

  public LlavaFolder add(ObjectNode record) {
    return addLine(record.toString());
  }

  public LlavaFolder addLine(String line) {
    records.add(line);
    return this;
  }

  public LlavaFolder addValid(int count) {
    for (int i = 0; i < count; i++) {
      add(record(String.format(Locale.ROOT, "sample-%04d", i)));
    }
    return this;
  }

  public int size() {
    return records.size();
  }

  public String image(String name, byte[] bytes) {
    try {
      Files.write(root.resolve("images").resolve(name), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return name;
  }

  public static byte[] pictureBytes(String format, int seed) {
    BufferedImage image = new BufferedImage(24, 16, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(seed);
    for (int i = 0; i < 24 * 16; i++) {
      image.setRGB(i % 24, i / 24, random.nextInt(1 << 24));
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, format, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  public static byte[] half(byte[] file) {
    return Arrays.copyOf(file, file.length / 2);
  }

  /** Writes the records as an array; returns a config that prepares them into {@code dataset}. */
  public TestConfig asArray() {
    return write("input.json", "[" + String.join(",\n", records) + "]\n");
  }

  /** Writes one record a line. */
  public TestConfig asLines() {
    return write("input.jsonl", String.join("\n", records) + "\n");
  }

  private TestConfig write(String name, String text) {
    try {
      Files.writeString(root.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new TestConfig()
        .inputs(
            InputConfig.of(
                root.resolve(name).toUri().toString(), root.resolve("images").toUri().toString()))
        .output(root.resolve("out/dataset").toUri().toString());
  }

  /** Everything in the folder of the output, hidden or not, by name. */
  public List<String> outputNames() {
    return names(root.resolve("out"));
  }

  public static List<String> names(Path folder) {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
