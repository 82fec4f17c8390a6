package io.tokenflex.modelfolder;

import static io.tokenflex.modelfolder.ImageProcessorKeys.CROP_SIZE;
import static io.tokenflex.modelfolder.ImageProcessorKeys.DO_CENTER_CROP;
import static io.tokenflex.modelfolder.ImageProcessorKeys.SIZE;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.image.CenterCropTransform;
import io.tokenflex.image.ImageTransform;
import io.tokenflex.image.LevelNormalization;
import io.tokenflex.image.ResampleFilter;
import io.tokenflex.image.ResizeTransform;
import io.tokenflex.image.TilingTransform;
import io.tokenflex.json.PythonJson;
import io.tokenflex.modelfolder.ImageProcessorKeys.Size;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * {@code preprocessor_config.json} of a model folder, in transformers' format.
 *
 * <p>Omitted and null keys have transformers' defaults. {@code do_convert_rgb} has no effect,
 * because decoded images are always RGB. Class names that end in {@code Fast}, or in {@code Pil}
 * (transformers 5), are read as the class without that suffix, which resamples with Pillow.
 */
public final class ImageProcessorJson {
  private static final String TYPE = "image_processor_type";
  private static final String SIGLIP = "SiglipImageProcessor";
  private static final String CLIP = "CLIPImageProcessor";
  private static final String GOT_OCR2 = "GotOcr2ImageProcessor";

  /**
   * No transformers class tiles without a thumbnail; an unknown class name makes it reject the
   * file.
   */
  private static final String TILES_ALONE = "TokenFlexTilingImageProcessor";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private ImageProcessorJson() {}

  /** Serializes {@code transform}; {@link #read} restores it. */
  public static byte[] write(ImageTransform transform) throws IOException {
    ObjectNode root = JSON.createObjectNode();
    if (transform instanceof ResizeTransform resize) {
      writeCommon(root, SIGLIP, resize.filter(), resize.normalization());
      root.putObject(SIZE).put("height", resize.height()).put("width", resize.width());
    } else if (transform instanceof CenterCropTransform crop) {
      writeCommon(root, CLIP, crop.filter(), crop.normalization());
      root.putObject(SIZE).put("shortest_edge", crop.shortestEdge());
      root.put(DO_CENTER_CROP, true).put("do_convert_rgb", true);
      root.putObject(CROP_SIZE).put("height", crop.height()).put("width", crop.width());
    } else if (transform instanceof TilingTransform tiling) {
      String type = tiling.useThumbnail() ? GOT_OCR2 : TILES_ALONE;
      writeCommon(root, type, ResampleFilter.BICUBIC, tiling.normalization());
      root.putObject(SIZE).put("height", tiling.imageSize()).put("width", tiling.imageSize());
      root.put("crop_to_patches", true)
          .put("min_patches", tiling.minTiles())
          .put("max_patches", tiling.maxTiles())
          .put("do_convert_rgb", true);
    } else {
      throw new InvalidInputException("No JSON is known for " + transform);
    }
    return JSON.writeValueAsBytes(root);
  }

  private static void writeCommon(
      ObjectNode root, String type, ResampleFilter filter, LevelNormalization normalization) {
    root.put(TYPE, type)
        .put("do_resize", true)
        .put("resample", filter.pilCode())
        .put("do_rescale", true)
        .put("rescale_factor", normalization.rescaleFactor())
        .put("do_normalize", true);
    normalization.mean().forEach(value -> root.withArray("image_mean").add(value));
    normalization.std().forEach(value -> root.withArray("image_std").add(value));
  }

  /**
   * Reads {@code preprocessor_config.json}.
   *
   * @param place the file's name, for messages
   * @throws IOException naming the file and the unsupported type, key or value
   */
  public static ImageTransform read(byte[] json, String place) throws IOException {
    ImageProcessorKeys keys = parse(json, place);
    try {
      return read(keys);
    } catch (IllegalArgumentException e) {
      throw new IOException(place + " cannot be used: " + e.getMessage(), e);
    }
  }

  private static ImageTransform read(ImageProcessorKeys keys) {
    String type =
        keys.text(TYPE)
            .or(
                () ->
                    keys.text("feature_extractor_type") // name of the key before 2023
                        .map(old -> old.replace("FeatureExtractor", "ImageProcessor")))
            .orElseThrow(
                () ->
                    new InvalidInputException("it names no " + TYPE + "; add " + supportedTypes()));
    keys.refuseOff("do_resize", "every picture would keep a size of its own");
    keys.refuseOn("do_pad", "padding is not supported");
    return switch (type.replaceFirst("(Fast|Pil)$", "")) {
      case SIGLIP -> siglip(keys);
      case CLIP -> clip(keys);
      case GOT_OCR2 -> gotOcr2(keys, true);
      case TILES_ALONE -> gotOcr2(keys, false);
      default ->
          throw new InvalidInputException(
              "%s %s is not supported; take a model whose processor is %s"
                  .formatted(TYPE, type, supportedTypes()));
    };
  }

  private static String supportedTypes() {
    return String.join(", ", List.of(SIGLIP, CLIP)) + " or " + GOT_OCR2;
  }

  private static ImageTransform siglip(ImageProcessorKeys keys) {
    keys.refuseOn(DO_CENTER_CROP, "a SigLIP processor does not crop");
    Size size = keys.fixedSize(SIZE, 224);
    return new ResizeTransform(
        size.height(), size.width(), keys.filter(), keys.normalization(LevelNormalization.SIGLIP));
  }

  private static ImageTransform clip(ImageProcessorKeys keys) {
    Optional<Integer> shortestEdge = keys.shortestEdge(SIZE, 224);
    LevelNormalization normalization = keys.normalization(LevelNormalization.CLIP);
    boolean crops = keys.isOn(DO_CENTER_CROP, true);
    Size crop = keys.fixedSize(CROP_SIZE, 224);
    if (shortestEdge.isPresent()) {
      if (!crops) {
        throw new InvalidInputException(
            DO_CENTER_CROP
                + " is false and size is a shortest_edge, so every picture would keep a shape of"
                + " its own; set it to true");
      }
      return new CenterCropTransform(
          shortestEdge.get(), crop.height(), crop.width(), keys.filter(), normalization);
    }
    Size size = keys.fixedSize(SIZE, 224);
    if (crops && !crop.equals(size)) {
      throw new InvalidInputException(
          "size is %s but crop_size is %s; resizing to a fixed size is supported without cropping"
              .formatted(size, crop));
    }
    return new ResizeTransform(size.height(), size.width(), keys.filter(), normalization);
  }

  private static ImageTransform gotOcr2(ImageProcessorKeys keys, boolean useThumbnail) {
    keys.refuseOn(DO_CENTER_CROP, "a GotOcr2 processor does not crop");
    Size size = keys.fixedSize(SIZE, 384);
    LevelNormalization normalization = keys.normalization(LevelNormalization.CLIP);
    ResampleFilter filter = keys.filter();
    // InternVLProcessor overrides crop_to_patches, which published models set to false.
    boolean isInternVl = keys.text("processor_class").equals(Optional.of("InternVLProcessor"));
    if (!isInternVl && !keys.isOn("crop_to_patches", false)) {
      return new ResizeTransform(size.height(), size.width(), filter, normalization);
    }
    if (filter != ResampleFilter.BICUBIC) {
      throw new InvalidInputException(
          String.format(
                  Locale.ROOT,
                  "resample is %d with crop_to_patches, which transformers' slow processor ignores and its",
                  filter.pilCode())
              + " fast one follows; set it to 3 (bicubic)");
    }
    if (size.height() != size.width()) {
      throw new InvalidInputException("size is " + size + "; tiles must be square");
    }
    return new TilingTransform(
        size.height(),
        keys.integer("min_patches", 1),
        keys.integer("max_patches", 12),
        useThumbnail,
        normalization);
  }

  /**
   * Reads the image transform of InternVL's own folders and of models derived from it (Ristretto),
   * which {@code config.json} defines: {@code dynamic_image_size}, {@code min_dynamic_patch},
   * {@code max_dynamic_patch}, {@code use_thumbnail}, {@code force_image_size}.
   *
   * @param config {@code config.json}
   * @param place name of that file, for messages
   * @param preprocessor {@code preprocessor_config.json}, for mean and standard deviation; if
   *     empty, the family's own values
   * @throws IOException naming the file and the unsupported key or value
   */
  public static ImageTransform readInternVl(
      byte[] config, String place, Optional<byte[]> preprocessor) throws IOException {
    ImageProcessorKeys keys = parse(config, place);
    ImageProcessorKeys pixels =
        preprocessor.isEmpty()
            ? new ImageProcessorKeys(JSON.createObjectNode())
            : parse(preprocessor.get(), "preprocessor_config.json of " + place);
    try {
      ImageProcessorKeys vision = keys.below("vision_config");
      keys.refuseOn("pad2square", "padding is not supported");
      int imageSize =
          keys.has("force_image_size")
              ? keys.integer("force_image_size", 0)
              : vision.integer("image_size", 448);
      LevelNormalization normalization =
          pixels.normalization(
              vision.text("model_type").equals(Optional.of("siglip_vision_model"))
                  ? LevelNormalization.SIGLIP
                  : LevelNormalization.IMAGENET);
      if (!keys.isOn("dynamic_image_size", false)) {
        return new ResizeTransform(imageSize, imageSize, ResampleFilter.BICUBIC, normalization);
      }
      return new TilingTransform(
          imageSize,
          keys.integer("min_dynamic_patch", 1),
          keys.integer("max_dynamic_patch", 6),
          keys.isOn("use_thumbnail", false),
          normalization);
    } catch (IllegalArgumentException e) {
      throw new IOException(place + " cannot be used: " + e.getMessage(), e);
    }
  }

  private static ImageProcessorKeys parse(byte[] json, String place) throws IOException {
    JsonNode root = PythonJson.read(json, place);
    if (!root.isObject()) {
      throw new IOException(place + " is no JSON object; copy it anew from the published model");
    }
    return new ImageProcessorKeys(root);
  }
}
