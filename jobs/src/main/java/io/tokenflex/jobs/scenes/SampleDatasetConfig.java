package io.tokenflex.jobs.scenes;

import io.tokenflex.failure.InvalidInputException;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What {@link SampleDatasetGenerator} renders.
 *
 * @param numTrainImages pictures in {@code train.json}, a turn for each kind of question
 * @param numHeldoutImages pictures in {@code heldout.json}, a record for each kind of question
 * @param seed decides every picture and question
 * @param questions kinds that are asked, each once a picture
 * @param printAlphabet digits that are printed, such as {@code 01}: fewer are learnt sooner
 * @param printDigits how many of them stand side by side, 1 to 4
 * @param printHeightsPx heights of the small and the large number, each 6 to 32 pixels
 */
public record SampleDatasetConfig(
    int numTrainImages,
    int numHeldoutImages,
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
              "A sample dataset needs at least 2 train and 1 heldout images but was asked for %d and %d",
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

  /** All kinds of question; two digits of two, printed 12 and 24 pixels high. */
  public static SampleDatasetConfig ofSize(int numTrainImages, int numHeldoutImages, long seed) {
    return new SampleDatasetConfig(
        numTrainImages,
        numHeldoutImages,
        seed,
        List.of(QuestionKind.values()),
        "01",
        2,
        List.of(12, 24));
  }
}
