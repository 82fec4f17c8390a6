package io.tokenflex.jobs.evaluate;

import io.tokenflex.generate.Answer;
import io.tokenflex.jobs.config.EvaluateConfig;
import io.tokenflex.jobs.device.DeviceAssignment;
import io.tokenflex.jobs.device.ExecutorHalt;
import io.tokenflex.jobs.evaluate.ExecutorModel.TimedAnswers;
import io.tokenflex.jobs.failure.FailureKind;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.SampleSource;
import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;

/** Answers the questions of some row groups: the work of one task, run where the model is. */
final class SliceEvaluator implements Serializable {
  private static final long serialVersionUID = 1L;

  /** In which Spark tells the driver why a task failed. */
  private static final Duration REPORT_TIME = Duration.ofSeconds(2);

  private final HeldoutData heldout;
  private final String modelFolder;
  private final AnswerModel.Loader loader;
  private final ArrayList<Integer> counts;
  private final int maxNewTokens;
  private final int batchSize;
  private final String kindKey;
  private final String detailKey;

  /** Takes a config apart: Optional is not serializable. */
  SliceEvaluator(
      HeldoutData heldout, String modelFolder, AnswerModel.Loader loader, EvaluateConfig config) {
    this.heldout = heldout;
    this.modelFolder = modelFolder;
    this.loader = loader;
    this.counts = new ArrayList<>(config.numVisionTokens());
    this.maxNewTokens = config.maxNewTokens();
    this.batchSize = config.batchSize();
    this.kindKey = config.kindKey();
    this.detailKey = config.detailKey().orElse(null);
  }

  /** Row groups {@code from} (inclusive) to {@code to} (exclusive), in their order. */
  record Slice(int from, int to) implements Serializable {}

  /**
   * Predictions in stored order: for each row group each token count, for each count each question.
   * Batches never cross a row group, so that they do not depend on how slices are cut.
   */
  List<Prediction> evaluate(Slice slice, Configuration hadoop) throws IOException {
    try {
      return predictions(slice, hadoop);
    } catch (IOException | RuntimeException e) {
      ExecutorHalt.ofThisExecutor().ifGpuFailed(FailureKind.of(e), REPORT_TIME);
      throw e;
    }
  }

  private List<Prediction> predictions(Slice slice, Configuration hadoop) throws IOException {
    ExecutorModel model =
        ExecutorModel.of(
            modelFolder,
            loader,
            () -> DeviceAssignment.of(TaskContext.get(), loader.needsBf16()),
            hadoop);
    List<Prediction> predictions = new ArrayList<>();
    try (SampleSource source = heldout.open(hadoop)) {
      for (int rowGroup = slice.from(); rowGroup < slice.to(); rowGroup++) {
        List<Question> questions = new ArrayList<>();
        for (Sample sample : source.readRowGroup(rowGroup)) {
          questions.addAll(Question.of(sample, kindKey, Optional.ofNullable(detailKey)));
        }
        for (int count : counts) {
          for (int start = 0; start < questions.size(); start += batchSize) {
            int end = Math.min(start + batchSize, questions.size());
            List<Question> batch = questions.subList(start, end);
            TimedAnswers timed = model.answer(batch, count, maxNewTokens);
            for (int i = 0; i < batch.size(); i++) {
              predictions.add(
                  prediction(
                      batch.get(i), timed.answers().get(i), count, timed, model.precision()));
            }
          }
        }
      }
    }
    return predictions;
  }

  private static Prediction prediction(
      Question question, Answer answer, int count, TimedAnswers timed, String precision) {
    return new Prediction(
        question.sampleId(),
        question.index(),
        question.kind(),
        question.detail().orElse(""),
        question.text(),
        question.expected(),
        answer.text(),
        count,
        answer.numNewTokens(),
        timed.answers().size(),
        timed.seconds(),
        precision);
  }
}
