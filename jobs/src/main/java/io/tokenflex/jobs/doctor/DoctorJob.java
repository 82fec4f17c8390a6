package io.tokenflex.jobs.doctor;

import com.typesafe.config.ConfigRenderOptions;
import io.tokenflex.jobs.config.RunConfig;
import io.tokenflex.jobs.run.RunFolder;
import io.tokenflex.jobs.train.BarrierStage;
import io.tokenflex.jobs.train.ExecutorWait;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Looks at the executors of a run as training would use them: the same stage, devices, ring and
 * folder, and nothing is trained.
 */
public final class DoctorJob {
  private DoctorJob() {}

  /**
   * Asks every rank.
   *
   * @throws io.tokenflex.jobs.train.TrainingFailedException if executors are missing
   */
  public static DoctorReport run(SparkSession session, RunConfig.Loaded loaded)
      throws IOException, InterruptedException {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    RunConfig config = loaded.config();
    ExecutorWait.until(spark, config.cluster());
    RankProbe probe =
        new RankProbe(
            loaded.settings().root().render(ConfigRenderOptions.concise()),
            RunFolder.qualified(config.run().dir(), spark.hadoopConfiguration()),
            spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration())));
    List<RankFacts> ranks =
        BarrierStage.run(spark, config.cluster().executors(), RankFacts.class, probe);
    return new DoctorReport(
        config, ranks.stream().sorted(Comparator.comparingInt(RankFacts::rank)).toList());
  }
}
