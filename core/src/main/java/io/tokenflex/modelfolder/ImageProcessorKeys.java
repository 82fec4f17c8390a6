package io.tokenflex.modelfolder;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.image.LevelNormalization;
import io.tokenflex.image.ResampleFilter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Typed access to the keys of an image processor with defaults; null counts as omitted. Wrong
 * values throw an {@link IllegalArgumentException} that names key and value.
 */
final class ImageProcessorKeys {
  static final String SIZE = "size";
  static final String CROP_SIZE = "crop_size";
  static final String DO_CENTER_CROP = "do_center_crop";

  private final JsonNode root;

  ImageProcessorKeys(JsonNode root) {
    this.root = root;
  }

  /** Height and width in pixels. */
  record Size(int height, int width) {
    @Override
    public String toString() {
      return height + " x " + width;
    }
  }

  boolean has(String key) {
    return root.hasNonNull(key);
  }

  ImageProcessorKeys below(String key) {
    return new ImageProcessorKeys(has(key) ? root.get(key) : JsonNodeFactory.instance.objectNode());
  }

  Optional<String> text(String key) {
    return has(key) ? Optional.of(root.get(key).asText()) : Optional.empty();
  }

  boolean isOn(String key, boolean whenOmitted) {
    if (!has(key)) {
      return whenOmitted;
    }
    if (!root.get(key).isBoolean()) {
      throw wrong(key, "true or false");
    }
    return root.get(key).booleanValue();
  }

  void refuseOff(String key, String reason) {
    if (!isOn(key, true)) {
      throw new InvalidInputException(key + " is false: " + reason + "; set it to true");
    }
  }

  void refuseOn(String key, String reason) {
    if (isOn(key, false)) {
      throw new InvalidInputException(key + " is true: " + reason + "; set it to false");
    }
  }

  int integer(String key, int whenOmitted) {
    if (!has(key)) {
      return whenOmitted;
    }
    if (!root.get(key).canConvertToExactIntegral() || !root.get(key).canConvertToInt()) {
      throw wrong(key, "a whole number");
    }
    return root.get(key).intValue();
  }

  /** A size given as {@code {height, width}}, or as the side of a square. */
  Size fixedSize(String key, int sideWhenOmitted) {
    if (!has(key) || root.get(key).isNumber()) {
      int side = integer(key, sideWhenOmitted);
      return new Size(side, side);
    }
    ImageProcessorKeys size = below(key);
    if (!isObjectOf(key, "height", "width")) {
      throw wrong(key, "a number or {height, width}");
    }
    return new Size(size.integer("height", 0), size.integer("width", 0));
  }

  /**
   * A size given as {@code {shortest_edge}} or as a number; empty if it is {@code {height, width}},
   * see {@link #fixedSize}.
   */
  Optional<Integer> shortestEdge(String key, int whenOmitted) {
    if (!has(key) || root.get(key).isNumber()) {
      return Optional.of(integer(key, whenOmitted));
    }
    if (isObjectOf(key, "shortest_edge")) {
      return Optional.of(below(key).integer("shortest_edge", 0));
    }
    if (!isObjectOf(key, "height", "width")) {
      throw wrong(key, "a number, {shortest_edge} or {height, width}");
    }
    return Optional.empty();
  }

  private boolean isObjectOf(String key, String... names) {
    JsonNode value = root.get(key);
    return value.isObject()
        && value.size() == names.length
        && Stream.of(names).allMatch(value::has);
  }

  ResampleFilter filter() {
    return ResampleFilter.ofPilCode(integer("resample", ResampleFilter.BICUBIC.pilCode()));
  }

  /**
   * The normalization with {@code do_rescale} and {@code do_normalize} applied; a disabled step is
   * the identity.
   */
  LevelNormalization normalization(LevelNormalization whenOmitted) {
    double factor = 1;
    if (isOn("do_rescale", true)) {
      factor = whenOmitted.rescaleFactor();
      if (has("rescale_factor")) {
        if (!isFinite(root.get("rescale_factor"))) {
          throw wrong("rescale_factor", "a number");
        }
        factor = root.get("rescale_factor").doubleValue();
      }
    }
    if (!isOn("do_normalize", true)) {
      return new LevelNormalization(factor, Collections.nCopies(3, 0f), Collections.nCopies(3, 1f));
    }
    return new LevelNormalization(
        factor,
        perChannel("image_mean", whenOmitted.mean()),
        perChannel("image_std", whenOmitted.std()));
  }

  private List<Float> perChannel(String key, List<Float> whenOmitted) {
    if (!has(key)) {
      return whenOmitted;
    }
    JsonNode value = root.get(key);
    if (isFinite(value)) {
      return Collections.nCopies(3, value.floatValue());
    }
    List<Float> numbers = new ArrayList<>();
    for (JsonNode number : value) {
      if (isFinite(number)) {
        numbers.add(number.floatValue());
      }
    }
    if (numbers.size() != 3 || value.size() != 3) {
      throw wrong(key, "a number or three");
    }
    return numbers;
  }

  /** Python's JSON allows NaN and Infinity. */
  private static boolean isFinite(JsonNode value) {
    return value.isNumber() && Double.isFinite(value.doubleValue());
  }

  private IllegalArgumentException wrong(String key, String expected) {
    return new InvalidInputException(
        "%s is %s; expected %s".formatted(key, root.get(key), expected));
  }
}
