package io.tokenflex.dataprep.sample;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * What a picture shows, before any pixel: up to four shapes in the four cells of the upper part and
 * a number below. No two shapes share a type, a colour or a cell, so each question has one answer.
 *
 * @param background packed RGB
 * @param print digits of the printed number
 */
record Scene(
    int background,
    List<PlacedShape> shapes,
    String print,
    int printHeightPx,
    int printLeft,
    int printTop,
    int printColour) {

  /** Width and height of the picture in pixels. */
  static final int SIZE = 128;

  private static final int CELL_WIDTH = SIZE / 2;
  private static final int CELL_HEIGHT = 48;
  private static final int STRIP_TOP = 100;
  private static final int STRIP_BOTTOM = 126;
  private static final int MIN_SHAPE_SIZE = 18;
  private static final int MAX_SHAPE_SIZE = 34;

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
    BLACK(0x141414),
    PINK(0xFA78BE);

    private final int rgb;

    Colour(int rgb) {
      this.rgb = rgb;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

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
   * A shape filling the square of side {@code size} at ({@code left}, {@code top}).
   *
   * @param rgb the colour as painted, a little off the colour's nominal value
   */
  record PlacedShape(
      ShapeType type, Colour colour, Cell cell, int rgb, int left, int top, int size) {}

  /** Draws a scene; the same state of {@code random} gives the same scene. */
  static Scene draw(Random random, SampleDatasetConfig config) {
    int numShapes = 1 + random.nextInt(4);
    List<ShapeType> types = shuffled(ShapeType.values(), random);
    List<Colour> colours = shuffled(Colour.values(), random);
    List<Cell> cells = shuffled(Cell.values(), random);
    List<PlacedShape> shapes = new ArrayList<>();
    for (int i = 0; i < numShapes; i++) {
      int size = between(random, MIN_SHAPE_SIZE, MAX_SHAPE_SIZE);
      Cell cell = cells.get(i);
      shapes.add(
          new PlacedShape(
              types.get(i),
              colours.get(i),
              cell,
              jitter(colours.get(i).rgb, 12, random),
              between(random, cell.left + 3, cell.left + CELL_WIDTH - 3 - size),
              between(random, cell.top + 3, cell.top + CELL_HEIGHT - 3 - size),
              size));
    }
    int height = config.printHeightsPx().get(random.nextInt(config.printHeightsPx().size()));
    String print = number(config.printDigits(), random);
    int width = (int) Math.ceil(StrokeDigits.width(print, height));
    return new Scene(
        jitter(0xEBEBEB, 14, random),
        List.copyOf(shapes),
        print,
        height,
        between(random, 3, SIZE - 3 - width),
        between(random, STRIP_TOP, STRIP_BOTTOM - height),
        jitter(0x1E1E1E, 16, random));
  }

  private static String number(int digits, Random random) {
    int lowest = digits == 1 ? 0 : (int) Math.pow(10, digits - 1);
    return Integer.toString(between(random, lowest, (int) Math.pow(10, digits) - 1));
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
