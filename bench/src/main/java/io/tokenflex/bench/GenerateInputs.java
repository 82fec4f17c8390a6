package io.tokenflex.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.generate.Prompt;
import io.tokenflex.random.SeededHash;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;

/**
 * The prompts that both sides answer: each is one picture of its own and a question of other
 * length.
 *
 * <p>{@code prompts.json} holds this record, {@code pictures.bin} the pictures' pixels (bytes, P x
 * Y x X x 3).
 *
 * @param ids token ids of every prompt, the image token at each vision token; written for Python
 */
record GenerateInputs(
    List<String> questions,
    List<List<Long>> ids,
    int batchSize,
    int visionTokens,
    int imageSize,
    long imageTokenId) {
  private static final String JSON_FILE = "prompts.json";
  private static final String PICTURES_FILE = "pictures.bin";
  private static final ObjectMapper JSON = new ObjectMapper();

  static GenerateInputs read(Path folder) throws IOException {
    return JSON.readValue(folder.resolve(JSON_FILE).toFile(), GenerateInputs.class);
  }

  /** Questions of 12 to 30 words, always the same. */
  static List<String> questions(int number, long seed) {
    String[] words = {
      "what", "colour", "has", "the", "small", "round", "thing", "left", "of", "it"
    };
    List<String> questions = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      SeededHash question = SeededHash.of(seed, "question").with(i);
      int length = 12 + (int) (question.with(0).toUnitInterval() * 19);
      StringBuilder text = new StringBuilder("Say");
      for (int word = 1; word <= length; word++) {
        text.append(' ');
        text.append(words[(int) (question.with(word).toUnitInterval() * words.length)]);
      }
      questions.add(text.append('?').toString());
    }
    return questions;
  }

  /** Draws the pictures and writes them. */
  void drawPictures(Path folder, long seed) throws IOException {
    byte[] pixels = new byte[questions.size() * pictureBytes()];
    SeededHash.of(seed, "pictures").toRandom().nextBytes(pixels);
    Files.write(folder.resolve(PICTURES_FILE), pixels);
  }

  GenerateInputs withIds(List<List<Long>> idsOfPrompts) {
    return new GenerateInputs(
        questions, idsOfPrompts, batchSize, visionTokens, imageSize, imageTokenId);
  }

  /** Writes {@code prompts.json}. */
  void write(Path folder) throws IOException {
    JSON.writeValue(folder.resolve(JSON_FILE).toFile(), this);
  }

  /** The prompts in batches; those of a batch have pictures that no other batch has. */
  List<List<Prompt>> batches(Path folder) throws IOException {
    byte[] pixels = Files.readAllBytes(folder.resolve(PICTURES_FILE));
    List<List<Prompt>> batches = new ArrayList<>();
    for (int start = 0; start < questions.size(); start += batchSize) {
      List<Prompt> batch = new ArrayList<>();
      for (int i = start; i < start + batchSize; i++) {
        batch.add(Prompt.of(questions.get(i), png(pixels, i * pictureBytes())));
      }
      batches.add(batch);
    }
    return batches;
  }

  private byte[] png(byte[] pixels, int from) throws IOException {
    BufferedImage image = new BufferedImage(imageSize, imageSize, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < imageSize * imageSize; i++) {
      int at = from + 3 * i;
      int rgb = (pixels[at] & 255) << 16 | (pixels[at + 1] & 255) << 8 | (pixels[at + 2] & 255);
      image.setRGB(i % imageSize, i / imageSize, rgb);
    }
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ImageIO.write(image, "png", file);
    return file.toByteArray();
  }

  private int pictureBytes() {
    return 3 * imageSize * imageSize;
  }
}
