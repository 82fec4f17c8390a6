package io.tokenflex.jobs.scenes;

import io.tokenflex.failure.InvalidInputException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Settings of {@link SampleDatasetGenerator}.
 *
 * @param numTrainImages images in {@code train.json}, one question of each type per image
 * @param numHeldoutImages images in {@code heldout.json}, one record per image and type of question
 * @param numCalibrateImages images in {@code calibrate.json}, as those of {@code heldout.json}; no
 *     such file if absent
 * @param seed determines all images and questions
 * @param questions types of questions, each asked once per image
 * @param printAlphabet digits used for printed numbers, such as {@code 01}; fewer digits are
 *     learned sooner
 * @param printDigits digits per printed number, 1 to 4
 * @param printHeightsPx heights of the small and the large number in pixels, each 6 to 32
 */
public record SampleDatasetConfig(
    int numTrainImages,
    int numHeldoutImages,
    Optional<Integer> numCalibrateImages,
    long seed,
    List<QuestionKind> questions,
    String printAlphabet,
    int printDigits,
    List<Integer> printHeightsPx) {

  public SampleDatasetConfig {
    questions = List.copyOf(questions);
    printHeightsPx = List.copyOf(printHeightsPx);
    if (questions.isEmpty() || Set.copyOf(questions).size() < questions.size()) {
      throw new InvalidInputException(
          "questions is " + questions + "; expected one or more kinds, each once");
    }
    if (numTrainImages < 2 || numHeldoutImages < 1) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "A sample dataset needs at least 2 train and 1 heldout images but was asked for %d"
                  + " and %d",
              numTrainImages,
              numHeldoutImages));
    }
    if (!printAlphabet.matches("[0-9]+")) {
      throw new InvalidInputException(
          "printAlphabet is " + printAlphabet + "; expected one or more digits");
    }
    if (printDigits < 1 || printDigits > 4) {
      throw new InvalidInputException("printDigits is " + printDigits + "; expected 1 to 4");
    }
    if (printHeightsPx.size() != 2 || printHeightsPx.stream().anyMatch(h -> h < 6 || h > 32)) {
      throw new InvalidInputException(
          "printHeightsPx is " + printHeightsPx + "; expected two heights of 6 to 32");
    }
  }

  /** All types of questions; numbers of two digits out of two, 12 and 24 pixels high. */
  public static SampleDatasetConfig ofSize(int numTrainImages, int numHeldoutImages, long seed) {
    return new SampleDatasetConfig(
        numTrainImages,
        numHeldoutImages,
        Optional.empty(),
        seed,
        List.of(QuestionKind.values()),
        "01",
        2,
        List.of(12, 24));
  }
}
