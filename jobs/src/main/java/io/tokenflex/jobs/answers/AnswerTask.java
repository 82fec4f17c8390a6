package io.tokenflex.jobs.answers;

import io.tokenflex.dataprep.storage.HadoopStorage;
import io.tokenflex.jobs.device.DeviceAssignment;
import io.tokenflex.jobs.device.ExecutorHalt;
import io.tokenflex.jobs.failure.FailureKind;
import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;

/**
 * What a Spark task is told: the model, the rows, and where answers go.
 *
 * @param folder of all answers, any Hadoop path
 * @param store name of the folder in it that this job's answers lie in
 */
record AnswerTask(
    String modelFolder,
    AnswerModel.Loader loader,
    RowSource.Reader reader,
    String folder,
    String store,
    int maxNewTokens,
    int batchSize)
    implements Serializable {

  /** In which Spark tells the driver why a task failed. */
  private static final Duration REPORT_TIME = Duration.ofSeconds(2);

  /** Answers slices where the model is; they are committed one by one. */
  void run(List<Slice> slices, Configuration hadoop) throws IOException {
    try {
      ExecutorModel model =
          ExecutorModel.of(
              modelFolder,
              loader,
              () -> DeviceAssignment.of(TaskContext.get(), loader.needsBf16()),
              hadoop);
      AnswerStore answers = new AnswerStore(new HadoopStorage(folder, hadoop), store);
      try (RowSource.Rows rows = reader.open(hadoop)) {
        new SliceAnswering(model, answers, maxNewTokens, batchSize).answer(slices, rows);
      }
    } catch (IOException | RuntimeException e) {
      ExecutorHalt.ofThisExecutor().ifGpuFailed(FailureKind.of(e), REPORT_TIME);
      throw e;
    }
  }
}
