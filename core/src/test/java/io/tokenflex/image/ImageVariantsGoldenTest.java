package io.tokenflex.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.image.Goldens.Difference;
import io.tokenflex.image.ImageDecodeException.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of every kind that is found in the wild, by {@code tools/golden/image_variants.py}. */
class ImageVariantsGoldenTest {
  private final ImageDecoder decoder = new ImageDecoder(100_000);
  private final Map<String, byte[]> files = unzipped();

  @ParameterizedTest
  @ValueSource(strings = {"jpeg", "profile", "orientation", "png", "bmp", "gif", "webp"})
  void everyVariantGivesThePixelsOfPillowOrIsRefusedAsItDoes(String kind) throws IOException {
    List<String> problems = new ArrayList<>();
    int count = 0;
    for (JsonNode entry : new ObjectMapper().readTree(files.get("manifest.json")).get("files")) {
      if (entry.get("name").asText().startsWith(kind + "/")) {
        count++;
        problem(entry).ifPresent(problems::add);
      }
    }
    assertThat(problems).as("%d of %d variants", problems.size(), count).isEmpty();
    assertThat(count).isGreaterThan(25);
  }

  private Optional<String> problem(JsonNode entry) {
    String name = entry.get("name").asText();
    String expected = entry.path("decided").asText(entry.get("pillow").asText());
    RgbImage[] shown = new RgbImage[1];
    Throwable refusal = catchThrowable(() -> shown[0] = decoder.decode(files.get(name)));
    if (refusal != null && !isRefusal(refusal)) {
      return Optional.of(name + ": " + refusal);
    }
    byte[] pixels = files.get(expected);
    if (pixels == null) {
      return refusal == null
          ? Optional.of(name + ": accepted, expected: " + expected)
          : Optional.empty();
    }
    if (refusal != null) {
      return Optional.of(name + ": " + refusal.getMessage());
    }
    int tolerance = entry.get("tolerance").asInt();
    Difference difference = Difference.between(shown[0], decoder.decode(pixels), tolerance);
    return difference.max() > tolerance ? Optional.of(name + ": " + difference) : Optional.empty();
  }

  private static boolean isRefusal(Throwable failure) {
    return failure instanceof ImageDecodeException refusal
        && (refusal.reason() == Reason.DAMAGED || refusal.reason() == Reason.UNSUPPORTED);
  }

  private static Map<String, byte[]> unzipped() {
    Map<String, byte[]> entries = new HashMap<>();
    try (ZipInputStream zip =
        new ZipInputStream(
            new GZIPInputStream(new ByteArrayInputStream(Goldens.file("variants.zip.gz"))))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        entries.put(entry.getName(), zip.readAllBytes());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return entries;
  }
}
