package io.tokenflex.convert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.image.ImageTransform;
import io.tokenflex.json.PythonJson;
import io.tokenflex.modelfolder.ImageProcessorJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * The image processor of a published folder: {@code preprocessor_config.json}, or {@code
 * image_processor} in {@code processor_config.json}, where transformers 5 saves it.
 *
 * @param json in the format of {@code preprocessor_config.json}
 * @param place the file's name, for messages
 */
@SuppressWarnings("ArrayRecordComponent") // passed on, never compared
record PublishedImageProcessor(byte[] json, String place) {
  private static final String ALONE = "preprocessor_config.json";
  private static final String OF_PROCESSOR = "processor_config.json";
  private static final String NESTED = "image_processor";
  private static final String CLASS = "processor_class";

  /**
   * Reads the image processor of a folder.
   *
   * @throws IOException if a file cannot be read
   * @throws InvalidInputException if both files contain one and they differ
   */
  static Optional<PublishedImageProcessor> in(Path folder) throws IOException {
    Optional<PublishedImageProcessor> alone = alone(folder.resolve(ALONE));
    Optional<PublishedImageProcessor> nested = nested(folder.resolve(OF_PROCESSOR));
    if (alone.isPresent() && nested.isPresent()) {
      ImageTransform first = alone.get().transform();
      ImageTransform second = nested.get().transform();
      if (!first.equals(second)) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s says %s, but %s says %s; transformers 4 takes the first and 5 the second: delete the wrong one",
                alone.get().place(),
                first,
                nested.get().place(),
                second));
      }
    }
    return nested.or(() -> alone);
  }

  /**
   * The image transform of a folder.
   *
   * @throws IOException if the folder has no image processor or an unsupported one
   */
  static ImageTransform transformIn(Path folder) throws IOException {
    return in(folder)
        .orElseThrow(
            () ->
                new NoSuchFileException(
                    folder.resolve(ALONE).toString(),
                    null,
                    "a published folder has one, or "
                        + NESTED
                        + " in "
                        + OF_PROCESSOR
                        + "; download the model's whole folder"))
        .transform();
  }

  private ImageTransform transform() throws IOException {
    return ImageProcessorJson.read(json, place);
  }

  private static Optional<PublishedImageProcessor> alone(Path file) throws IOException {
    return Files.exists(file)
        ? Optional.of(new PublishedImageProcessor(Files.readAllBytes(file), file.toString()))
        : Optional.empty();
  }

  private static Optional<PublishedImageProcessor> nested(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    JsonNode processor = PythonJson.read(Files.readAllBytes(file), file.toString());
    if (!(processor.path(NESTED) instanceof ObjectNode image)) {
      return Optional.empty(); // transformers 4 writes this file without an image processor
    }
    if (processor.has(CLASS) && !image.has(CLASS)) {
      image.set(CLASS, processor.get(CLASS)); // an InternVL processor tiles images
    }
    return Optional.of(
        new PublishedImageProcessor(PythonJson.write(image), NESTED + " of " + file));
  }
}
