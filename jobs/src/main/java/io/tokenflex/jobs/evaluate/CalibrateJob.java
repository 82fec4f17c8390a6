package io.tokenflex.jobs.evaluate;

import io.tokenflex.adaptive.Calibration;
import io.tokenflex.adaptive.CalibrationFit;
import io.tokenflex.adaptive.CalibrationRows;
import io.tokenflex.adaptive.OperatingPoint;
import io.tokenflex.generate.Answer.Confidence;
import io.tokenflex.jobs.answers.AnswerJob;
import io.tokenflex.jobs.answers.AnswerModel;
import io.tokenflex.jobs.answers.AnswerSettings;
import io.tokenflex.jobs.answers.AnsweredRow;
import io.tokenflex.jobs.answers.Answers;
import io.tokenflex.jobs.config.CalibrateConfig;
import io.tokenflex.jobs.config.EvaluateConfig;
import io.tokenflex.jobs.run.ModelFolder;
import io.tokenflex.jobs.run.RunFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out how many vision tokens a picture and question need: asks rows that no reported number
 * uses at every count, scores them as an evaluation does, and fits a {@link Calibration}.
 */
public final class CalibrateJob {
  private static final Logger log = LoggerFactory.getLogger(CalibrateJob.class);

  /** Features do not depend on a count; their slices need one. */
  private static final int FEATURES_AT = 1;

  private CalibrateJob() {}

  /**
   * What is asked.
   *
   * @param data rows that no reported number uses
   * @param counts to choose from
   * @param answers what loads the model to answer
   * @param features what loads it to describe prompts
   */
  public record Subject(
      HeldoutData data,
      List<Integer> counts,
      String modelFolder,
      AnswerModel.Loader answers,
      AnswerModel.Loader features) {
    /** The trained model of a folder. */
    public static Subject of(
        HeldoutData data, List<Integer> counts, EvaluateJob.Model model, EvaluateConfig config) {
      return new Subject(
          data, counts, model.folder(), model.loader(), FeatureModel.loader(config.precision()));
    }
  }

  /**
   * Asks and fits; what a former run has asked is not asked again.
   *
   * @throws io.tokenflex.failure.InvalidInputException if there are too few pictures
   */
  public static Calibration run(
      SparkSession spark,
      EvaluateConfig evaluate,
      CalibrateConfig config,
      Subject subject,
      RunFolder runFolder)
      throws IOException {
    HeldoutRows rows = HeldoutRows.of(subject.data(), spark.sparkContext().hadoopConfiguration());
    List<Integer> counts = subject.counts().stream().sorted().toList();
    String folder = runFolder.pathOf(EvaluateJob.ANSWERS);
    Answers answers =
        AnswerJob.run(
            spark,
            settings("calibrate", counts, evaluate),
            rows,
            subject.modelFolder(),
            subject.answers(),
            folder);
    Answers features =
        AnswerJob.run(
            spark,
            settings("calibrate: features", List.of(FEATURES_AT), evaluate),
            rows,
            subject.modelFolder(),
            subject.features(),
            folder);
    List<CalibrationRows.Row> asked = rows(counts, answers, features, evaluate);
    Calibration.Source source =
        new Calibration.Source(
            ModelFolder.of(subject.modelFolder(), spark.sparkContext().hadoopConfiguration())
                .digest(),
            rows.fingerprint(),
            asked.stream().map(CalibrationRows.Row::cluster).distinct().sorted().toList());
    return CalibrationFit.fit(
        new CalibrationRows(counts, asked, costs(config, counts, answers, features)),
        source,
        config.tolerance(),
        config.method());
  }

  private static AnswerSettings settings(
      String job, List<Integer> counts, EvaluateConfig evaluate) {
    return new AnswerSettings(
        job, counts, evaluate.maxNewTokens(), evaluate.batchSize(), evaluate.maxBrokenFraction());
  }

  /** Seconds of an answer at each count, or the numbers of tokens. */
  private static List<Double> costs(
      CalibrateConfig config, List<Integer> counts, Answers answers, Answers features)
      throws IOException {
    if (config.minimise() == CalibrateConfig.Cost.TOKENS) {
      return counts.stream().map(Integer::doubleValue).toList();
    }
    double tower = secondsAtCounts(features).get(FEATURES_AT);
    Map<Integer, Double> secondsAt = secondsAtCounts(answers);
    List<Double> seconds = counts.stream().map(secondsAt::get).toList();
    List<Double> costs = withoutTower(seconds, tower);
    log.info(
        "calibrate: seconds an answer beside {} of the vision tower: {}",
        String.format(Locale.ROOT, "%.4f", tower),
        costs.stream().map(cost -> String.format(Locale.ROOT, "%.4f", cost)).toList());
    return costs;
  }

  /**
   * What answers take beside the vision tower, which is the same however they are chosen. It is
   * measured on its own, by the features, so it is not let take more than nine tenths.
   *
   * @param seconds at each count, ascending
   */
  static List<Double> withoutTower(List<Double> seconds, double tower) {
    return seconds.stream().map(count -> Math.max(count - tower, count / 10)).toList();
  }

  /** Seconds of an answer by number of vision tokens. */
  private static Map<Integer, Double> secondsAtCounts(Answers answers) throws IOException {
    Map<Integer, List<AnsweredRow>> rows = new TreeMap<>();
    for (Answers.OfSlice slice : answers.read()) {
      rows.computeIfAbsent(slice.slice().numVisionTokens(), count -> new ArrayList<>())
          .addAll(slice.rows());
    }
    Map<Integer, Double> seconds = new TreeMap<>();
    rows.forEach((count, answered) -> seconds.put(count, Speed.of(answered).secondsPerAnswer()));
    return seconds;
  }

  /** Rows that were answered at every count, and have a picture. */
  private static List<CalibrationRows.Row> rows(
      List<Integer> counts, Answers answers, Answers features, EvaluateConfig evaluate)
      throws IOException {
    Map<String, String> featuresOf = new HashMap<>();
    for (Answers.OfSlice slice : features.read()) {
      slice.rows().forEach(row -> featuresOf.put(row.id(), row.text()));
    }
    Map<String, List<AnsweredRow>> byId = new TreeMap<>();
    for (Answers.OfSlice slice : answers.read()) { // counts ascend within a group
      slice.rows().forEach(row -> byId.computeIfAbsent(row.id(), id -> new ArrayList<>()).add(row));
    }
    String precision = answers.precision();
    List<CalibrationRows.Row> rows = new ArrayList<>();
    List<Prediction> all = new ArrayList<>();
    for (List<AnsweredRow> row : byId.values()) {
      String picture = row.get(0).carried().get(HeldoutRows.PICTURE);
      boolean isWhole = row.stream().noneMatch(AnsweredRow::isBroken);
      if (!isWhole || picture.isEmpty()) {
        continue;
      }
      List<Prediction> predictions = new ArrayList<>();
      for (int i = 0; i < counts.size(); i++) {
        predictions.add(Prediction.of(row.get(i), counts.get(i), precision, evaluate));
      }
      all.addAll(predictions);
      if (predictions.stream().anyMatch(Prediction::isBroken)) {
        continue;
      }
      List<Double> scores = new ArrayList<>();
      List<Confidence> confidences = new ArrayList<>();
      for (int i = 0; i < counts.size(); i++) {
        scores.add(predictions.get(i).score().value());
        confidences.add(row.get(i).confidence());
      }
      rows.add(
          new CalibrationRows.Row(
              picture,
              scores,
              confidences,
              FeatureModel.features(featuresOf.get(row.get(0).id()))));
    }
    BrokenReferences.check(all, evaluate.maxBrokenFraction());
    return rows;
  }

  /** What came of it, for people. */
  public static String toTable(Calibration calibration) {
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%-30s %8s %10s   %s",
                calibration.numRows() + " questions",
                "tokens",
                "difference",
                "90 % interval (points, to the largest)"));
    for (Calibration.Fixed fixed : calibration.fixed()) {
      text.append(
          String.format(
              Locale.ROOT,
              "%n%-30s %8d %+10.2f",
              String.format(
                  Locale.ROOT, "%.1f%% at %d", 100 * fixed.score(), fixed.numVisionTokens()),
              fixed.numVisionTokens(),
              100 * fixed.difference()));
    }
    line(text, "cascade " + calibration.cascade().counts(), calibration.cascadePoint());
    line(text, "selector", calibration.selectorPoint());
    text.append(String.format(Locale.ROOT, "%n%s is the default", lower(calibration)));
    return text.toString();
  }

  private static String lower(Calibration calibration) {
    return calibration.method().name().toLowerCase(Locale.ROOT);
  }

  private static void line(StringBuilder text, String name, OperatingPoint point) {
    text.append(
        String.format(
            Locale.ROOT,
            "%n%-30s %8.1f %+10.2f   %+.2f to %+.2f",
            name,
            point.meanVisionTokens(),
            100 * point.difference(),
            100 * point.interval90().low(),
            100 * point.interval90().high()));
  }
}
