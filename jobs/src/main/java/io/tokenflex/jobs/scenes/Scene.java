package io.tokenflex.jobs.scenes;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * Content of a rendered image: one to three shapes of the same type and colour and an orange dot,
 * each in a separate cell of the upper part, and below two numbers of the same colour, small and
 * large. Every question has exactly one answer.
 *
 * @param background packed RGB
 */
record Scene(
    int background,
    ShapeType type,
    Colour colour,
    List<PlacedShape> shapes,
    Dot dot,
    Colour ink,
    int printRgb,
    Map<PrintSize, PrintedNumber> numbers) {

  /** Width and height of the picture in pixels. */
  static final int SIZE = 128;

  private static final int CELL_WIDTH = SIZE / 2;
  private static final int CELL_HEIGHT = 45;
  private static final int MIN_SHAPE_SIZE = 38;
  private static final int MAX_SHAPE_SIZE = 42;
  private static final int MAX_SHAPES = 3;
  private static final int DOT_SIZE = 30;

  enum ShapeType {
    CIRCLE,
    SQUARE,
    TRIANGLE,
    CROSS;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  enum Colour {
    RED(0xD21E1E),
    GREEN(0x1E9632),
    BLUE(0x2346D2),
    YELLOW(0xEBC80F),
    PURPLE(0x82289F),
    PINK(0xFA78BE);

    private final int rgb;

    Colour(int rgb) {
      this.rgb = rgb;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Colours of printed numbers, with high contrast to the light background. */
  private static final List<Colour> INKS =
      List.of(Colour.RED, Colour.GREEN, Colour.BLUE, Colour.PURPLE);

  enum Cell {
    TOP_LEFT(0, 0),
    TOP_RIGHT(CELL_WIDTH, 0),
    BOTTOM_LEFT(0, CELL_HEIGHT),
    BOTTOM_RIGHT(CELL_WIDTH, CELL_HEIGHT);

    private final int left;
    private final int top;

    Cell(int left, int top) {
      this.left = left;
      this.top = top;
    }

    String words() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /**
   * A shape in the square with side {@code size} at ({@code left}, {@code top}), in pixels.
   *
   * @param rgb the painted colour, a random variation of the nominal one
   */
  record PlacedShape(ShapeType type, Cell cell, int rgb, int left, int top, int size) {}

  /**
   * An orange dot in the square with side {@code size} at ({@code left}, {@code top}), in pixels.
   */
  record Dot(Cell cell, int rgb, int left, int top, int size) {}

  /** Sizes of printed numbers, from left to right. */
  enum PrintSize {
    SMALL(52, 104),
    LARGE(100, 108);

    private final int middleX;
    private final int middleY;

    PrintSize(int middleX, int middleY) {
      this.middleX = middleX;
      this.middleY = middleY;
    }
  }

  /** A printed number whose upper left corner is at ({@code left}, {@code top}). */
  record PrintedNumber(String digits, int heightPx, int left, int top) {}

  /** Draws a random scene; deterministic for a given state of {@code random}. */
  static Scene draw(Random random, SampleDatasetConfig config) {
    List<Cell> cells = shuffled(Cell.values(), random);
    ShapeType type = ShapeType.values()[random.nextInt(ShapeType.values().length)];
    Colour colour = Colour.values()[random.nextInt(Colour.values().length)];
    List<PlacedShape> shapes = new ArrayList<>();
    int numShapes = 1 + random.nextInt(MAX_SHAPES);
    for (Cell cell : cells.subList(1, 1 + numShapes)) {
      int size = between(random, MIN_SHAPE_SIZE, MAX_SHAPE_SIZE);
      shapes.add(
          new PlacedShape(
              type,
              cell,
              jitter(colour.rgb, 12, random),
              centred(cell.left, CELL_WIDTH, size, 1, random),
              centred(cell.top, CELL_HEIGHT, size, 1, random),
              size));
    }
    Cell dotCell = cells.get(0);
    Dot dot =
        new Dot(
            dotCell,
            jitter(0xF08214, 8, random),
            centred(dotCell.left, CELL_WIDTH, DOT_SIZE, 2, random),
            centred(dotCell.top, CELL_HEIGHT, DOT_SIZE, 2, random),
            DOT_SIZE);
    Colour ink = INKS.get(random.nextInt(INKS.size()));
    Map<PrintSize, PrintedNumber> numbers = new EnumMap<>(PrintSize.class);
    Iterator<Integer> heights = config.printHeightsPx().iterator();
    for (PrintSize size : PrintSize.values()) {
      numbers.put(size, number(size, heights.next(), config, random));
    }
    return new Scene(
        jitter(0xEBEBEB, 14, random),
        type,
        colour,
        List.copyOf(shapes),
        dot,
        ink,
        jitter(ink.rgb, 12, random),
        Map.copyOf(numbers));
  }

  PrintedNumber number(PrintSize size) {
    return numbers.get(size);
  }

  /**
   * Start of an interval of length {@code size} in a larger one, off its centre by up to {@code
   * range}.
   */
  private static int centred(int from, int length, int size, int range, Random random) {
    return from + (length - size) / 2 + between(random, -range, range);
  }

  private static PrintedNumber number(
      PrintSize size, int height, SampleDatasetConfig config, Random random) {
    StringBuilder digits = new StringBuilder();
    for (int i = 0; i < config.printDigits(); i++) {
      String alphabet = config.printAlphabet();
      digits.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    int width = (int) Math.ceil(StrokeDigits.width(digits.toString(), height));
    return new PrintedNumber(
        digits.toString(),
        height,
        centred(size.middleX, 0, width, 1, random),
        centred(size.middleY, 0, height, 1, random));
  }

  private static <T> List<T> shuffled(T[] values, Random random) {
    List<T> list = new ArrayList<>(List.of(values));
    Collections.shuffle(list, random);
    return list;
  }

  private static int between(Random random, int lowest, int highest) {
    return lowest + random.nextInt(highest - lowest + 1);
  }

  private static int jitter(int rgb, int range, Random random) {
    int jittered = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      int level = (rgb >> shift & 255) + between(random, -range, range);
      jittered |= Math.max(0, Math.min(255, level)) << shift;
    }
    return jittered;
  }
}
