package io.tokenflex.adaptive;

import io.tokenflex.generate.Answer.Confidence;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Rows of a made-up model: small print needs 256 tokens, everything else is read at 4. */
final class SyntheticRows {
  static final List<Integer> COUNTS = List.of(4, 64, 256);

  private SyntheticRows() {}

  /**
   * Five rows about each picture, one of them small print.
   *
   * @param sureWhenWrong share of the small print that the model misreads with confidence
   */
  static CalibrationRows of(int pictures, long seed, double sureWhenWrong) {
    Random random = new Random(seed);
    List<CalibrationRows.Row> rows = new ArrayList<>();
    for (int picture = 0; picture < pictures; picture++) {
      for (int question = 0; question < 5; question++) {
        rows.add(row("picture-" + picture, question == 0, sureWhenWrong, random));
      }
    }
    return new CalibrationRows(COUNTS, rows);
  }

  private static CalibrationRows.Row row(
      String picture, boolean isSmallPrint, double sureWhenWrong, Random random) {
    List<Double> scores = new ArrayList<>();
    List<Confidence> confidences = new ArrayList<>();
    for (int count : COUNTS) {
      boolean reads = !isSmallPrint || count == 256;
      boolean isSure = reads || random.nextDouble() < sureWhenWrong;
      scores.add(reads || random.nextDouble() < 0.25 ? 1.0 : 0.0);
      double least = isSure ? -0.2 * random.nextDouble() : -0.5 - random.nextDouble();
      confidences.add(new Confidence(least / 2, least, Math.exp(least)));
    }
    float smallPrint = (float) ((isSmallPrint ? 1 : -1) + 0.1 * random.nextGaussian());
    return new CalibrationRows.Row(
        picture, scores, confidences, List.of(smallPrint, (float) random.nextGaussian(), 1f));
  }
}
