package io.tokenflex.testing;

import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.SampleSource;
import io.tokenflex.samples.Turn;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;

/** A dataset in memory: row groups of seeded 16 x 16 pictures with conversations of all lengths. */
public final class TinySamples implements SampleSource {
  private final List<List<Sample>> rowGroups = new ArrayList<>();
  private final String fingerprint;

  /** Row groups of the given sizes. */
  public TinySamples(long seed, int... rowsPerGroup) {
    Random random = new Random(seed);
    int number = 0;
    for (int rows : rowsPerGroup) {
      List<Sample> group = new ArrayList<>();
      for (int i = 0; i < rows; i++) {
        group.add(sample(number++, random));
      }
      rowGroups.add(group);
    }
    fingerprint = "tiny-" + seed + "-" + number;
  }

  private static Sample sample(int number, Random random) {
    int images = random.nextInt(3); // text alone, one, two
    List<EncodedImage> encoded = new ArrayList<>();
    StringBuilder question = new StringBuilder();
    for (int i = 0; i < images; i++) {
      encoded.add(picture(random));
      question.append(Sample.IMAGE_MARK).append('\n');
    }
    question.append("What is here").append(" and there".repeat(random.nextInt(4))).append('?');
    List<Turn> turns = new ArrayList<>();
    turns.add(new Turn(Role.USER, question.toString()));
    turns.add(new Turn(Role.ASSISTANT, "thing ".repeat(1 + random.nextInt(3)).strip()));
    if (random.nextBoolean()) {
      turns.add(new Turn(Role.USER, "Sure?"));
      turns.add(new Turn(Role.ASSISTANT, "yes"));
    }
    return new Sample("sample-" + number, encoded, turns, "memory", Map.of());
  }

  private static EncodedImage picture(Random random) {
    BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 16; y++) {
      for (int x = 0; x < 16; x++) {
        image.setRGB(x, y, random.nextInt(1 << 24));
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new EncodedImage(
        out.toByteArray(), 16, 16, HexFormat.of().toHexDigits(random.nextLong()));
  }

  @Override
  public String fingerprint() {
    return fingerprint;
  }

  @Override
  public int numRowGroups() {
    return rowGroups.size();
  }

  @Override
  public int numRows(int rowGroup) {
    return rowGroups.get(rowGroup).size();
  }

  @Override
  public List<Sample> readRowGroup(int rowGroup) {
    return rowGroups.get(rowGroup);
  }

  @Override
  public void close() {}
}
