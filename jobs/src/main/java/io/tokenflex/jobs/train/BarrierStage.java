package io.tokenflex.jobs.train;

import io.tokenflex.jobs.config.StageGpus;
import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import scala.Function1;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** Spark's barrier stages for Java, which has no API for them. */
public final class BarrierStage {
  private BarrierStage() {}

  /** What one task of the stage does; it runs inside a {@code BarrierTaskContext}. */
  @FunctionalInterface
  public interface Task<T> extends Serializable {
    T run() throws Exception;
  }

  /** Runs {@code task} on {@code numTasks} executors at once; results by partition. */
  public static <T> List<T> run(JavaSparkContext spark, int numTasks, Class<T> type, Task<T> task) {
    List<Integer> partitions = IntStream.range(0, numTasks).boxed().toList();
    Function1<Iterator<Integer>, Iterator<T>> body =
        (Function1<Iterator<Integer>, Iterator<T>> & Serializable)
            partition -> CollectionConverters.asScala(List.of(unchecked(task)).iterator());
    ClassTag<T> tag = ClassTag$.MODULE$.apply(type);
    RDD<T> stage =
        spark.parallelize(partitions, numTasks).rdd().barrier().mapPartitions(body, false, tag);
    return StageGpus.forEachTask(stage).toJavaRDD().collect();
  }

  private static <T> T unchecked(Task<T> task) {
    try {
      return task.run();
    } catch (Exception e) {
      return BarrierStage.<T, RuntimeException>sneakyThrow(e);
    }
  }

  /** Scala functions declare no exceptions; Spark expects the task's own. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T, E extends Exception> T sneakyThrow(Exception e) throws E {
    throw (E) e;
  }
}
