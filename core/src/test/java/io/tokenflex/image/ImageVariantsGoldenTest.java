package io.tokenflex.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.image.Goldens.Difference;
import io.tokenflex.image.ImageDecodeException.Reason;
import io.tokenflex.image.Variants.Variant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of every kind that is found in the wild. */
class ImageVariantsGoldenTest {
  private final ImageDecoder decoder = new ImageDecoder(100_000);

  @ParameterizedTest
  @ValueSource(strings = {"jpeg", "profile", "orientation", "png", "bmp", "gif", "webp"})
  void everyVariantGivesThePixelsOfPillowOrIsRefusedAsItDoes(String kind) {
    List<Variant> variants = Variants.ofKind(kind);
    List<String> problems = new ArrayList<>();
    for (Variant variant : variants) {
      problem(variant).ifPresent(problem -> problems.add(variant.name() + ": " + problem));
    }
    assertThat(problems).as("%d of %d variants", problems.size(), variants.size()).isEmpty();
    assertThat(variants).hasSizeGreaterThan(25);
  }

  private Optional<String> problem(Variant variant) {
    RgbImage shown;
    try {
      shown = decoder.decode(variant.file());
    } catch (ImageDecodeException e) {
      boolean isMeant = e.reason() == Reason.DAMAGED || e.reason() == Reason.UNSUPPORTED;
      return variant.expected().isEmpty() && isMeant
          ? Optional.empty()
          : Optional.of("refused: " + e.getMessage());
    }
    if (variant.expected().isEmpty()) {
      return Optional.of("accepted");
    }
    RgbImage expected = decoder.decode(variant.expected().get());
    Difference difference = Difference.between(shown, expected, variant.tolerance());
    return difference.max() > variant.tolerance()
        ? Optional.of(difference.toString())
        : Optional.empty();
  }
}
