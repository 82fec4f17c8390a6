package io.tokenflex.generate;

import io.tokenflex.digest.Digests;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.image.ImageDecoder;
import io.tokenflex.image.RgbImage;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.Turn;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A conversation that ends with a question.
 *
 * @param turns the last one is the user's; image marks as in {@link io.tokenflex.samples.Sample}
 * @param images in the order of their marks
 */
public record Prompt(List<Turn> turns, List<EncodedImage> images) {
  private static final long MAX_PIXELS = 1L << 28;

  public Prompt {
    turns = List.copyOf(turns);
    images = List.copyOf(images);
  }

  /**
   * A question about image files, in any format that datasets may have.
   *
   * @param question the images come before it unless it holds a mark for each
   * @throws IllegalArgumentException if it holds another number of marks
   * @throws io.tokenflex.image.ImageDecodeException if a file is no readable image
   */
  public static Prompt of(String question, byte[]... imageFiles) {
    return of(question, Stream.of(imageFiles).map(Prompt::image).toList());
  }

  /**
   * A question about images.
   *
   * @param question the images come before it unless it holds a mark for each
   * @throws IllegalArgumentException if it holds another number of marks
   */
  public static Prompt of(String question, List<EncodedImage> images) {
    int marks = Sample.countImageMarks(question);
    if (marks != 0 && marks != images.size()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "The question has %d %s marks but there are %d images; mark each of them or none: %s",
              marks,
              Sample.IMAGE_MARK,
              images.size(),
              question));
    }
    String text =
        marks == 0 ? (Sample.IMAGE_MARK + "\n").repeat(images.size()) + question : question;
    return new Prompt(List.of(new Turn(Role.USER, text)), images);
  }

  /**
   * An image file as prompts hold it.
   *
   * @throws io.tokenflex.image.ImageDecodeException if it is no readable image
   */
  public static EncodedImage image(byte[] file) {
    RgbImage decoded = new ImageDecoder(MAX_PIXELS).decode(file);
    return new EncodedImage(file, decoded.width(), decoded.height(), Digests.sha256Hex(file));
  }

  /**
   * A number that prompts of other turns or images hardly share; what is drawn for an answer
   * depends on it.
   */
  long identity() {
    StringBuilder content = new StringBuilder();
    for (Turn turn : turns) {
      content.append(turn.role()).append(' ').append(turn.text().length()).append(' ');
      content.append(turn.text());
    }
    images.forEach(image -> content.append(' ').append(image.sha256()));
    return Long.parseUnsignedLong(Digests.sha256Hex(content.toString()).substring(0, 16), 16);
  }

  /** The user's turn that is to be answered. */
  public Turn question() {
    return turns.get(turns.size() - 1);
  }
}
