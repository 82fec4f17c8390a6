package io.tokenflex.jobs.answers;

import io.tokenflex.dataprep.storage.HadoopStorage;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.answers.Slice.Committed;
import io.tokenflex.jobs.config.StageGpus;
import io.tokenflex.jobs.run.ModelFolder;
import io.tokenflex.jobs.run.RunFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers the rows of a source with a model, as a Spark job; what is there stays. */
public final class AnswerJob {
  private static final Logger log = LoggerFactory.getLogger(AnswerJob.class);

  /** Broken rows that are named. */
  private static final int MAX_NAMED = 5;

  private AnswerJob() {}

  /**
   * Answers every row at every token count, except what a former run with the same model, settings
   * and rows has answered.
   *
   * @param modelFolder any Hadoop path that every executor can read; a relative one is the driver's
   * @param answersFolder of all answers, any Hadoop path; each key has a folder of its own in it
   * @throws InvalidInputException if more rows than allowed are broken; names some of them
   */
  public static Answers run(
      SparkSession spark,
      AnswerSettings settings,
      RowSource source,
      String modelFolder,
      AnswerModel.Loader loader,
      String answersFolder)
      throws IOException {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Configuration hadoop = context.hadoopConfiguration();
    AnswerKey key =
        AnswerKey.of(
            ModelFolder.of(modelFolder, hadoop).digest(),
            loader.variant(),
            settings,
            source.fingerprint());
    String folder = RunFolder.qualified(answersFolder, hadoop);
    AnswerStore store = AnswerStore.of(new HadoopStorage(folder, hadoop), key);
    SortedSet<Slice> all = slices(source.numGroups(), settings.numVisionTokens());
    SortedSet<Slice> missing = new TreeSet<>(all);
    missing.removeAll(store.committed().keySet());
    List<List<Slice>> tasks = tasks(missing, 2 * context.defaultParallelism());
    log.info(
        "{}: {} at {} vision tokens, {} slices in {} tasks{}",
        settings.job(),
        modelFolder,
        settings.numVisionTokens().stream().map(Slice::countInWords).toList(),
        missing.size(),
        tasks.size(),
        missing.size() < all.size()
            ? "; " + (all.size() - missing.size()) + " slices were answered before"
            : "");
    if (!missing.isEmpty()) {
      SortedSet<Integer> groups = new TreeSet<>();
      missing.forEach(slice -> groups.add(slice.group()));
      AnswerTask task =
          new AnswerTask(
              RunFolder.qualified(modelFolder, hadoop),
              loader,
              source.reader(groups),
              folder,
              store.folder(),
              settings.maxNewTokens(),
              settings.batchSize());
      try (AnswerProgress progress =
          new AnswerProgress(settings.job(), store, missing, all.size())) {
        progress.start();
        runTasks(context, task, tasks);
      }
    }
    return found(settings, store, all, folder);
  }

  private static void runTasks(JavaSparkContext context, AnswerTask task, List<List<Slice>> tasks) {
    Broadcast<SerializableConfiguration> hadoop =
        context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
    StageGpus.forEachTask(
            context
                .parallelize(tasks, tasks.size())
                .map(
                    slices -> {
                      task.run(slices, hadoop.value().value());
                      return slices.size();
                    })
                .rdd())
        .toJavaRDD()
        .collect();
  }

  private static Answers found(
      AnswerSettings settings, AnswerStore store, SortedSet<Slice> all, String folder)
      throws IOException {
    SortedMap<Slice, Committed> committed = new TreeMap<>(store.committed());
    committed.keySet().retainAll(all);
    if (committed.size() < all.size()) {
      SortedSet<Slice> lost = new TreeSet<>(all);
      lost.removeAll(committed.keySet());
      throw new IOException(
          folder
              + "/"
              + store.folder()
              + " lacks "
              + lost.first()
              + " after all tasks have ended; was it deleted? Run again, and it is answered");
    }
    long numRows = committed.values().stream().mapToLong(Committed::numRows).sum();
    long numBroken = committed.values().stream().mapToLong(Committed::numBroken).sum();
    if (numBroken == 0) {
      return new Answers(folder, store, committed, List.of());
    }
    List<String> named = someBroken(store, committed.values());
    String told =
        String.format(
            Locale.ROOT,
            "%s: %d of %d answers are missing, for their rows are broken, for instance %s",
            settings.job(),
            numBroken,
            numRows,
            String.join("; ", named));
    if (numBroken > settings.maxBrokenFraction() * numRows) {
      throw new InvalidInputException(
          told
              + ". That is more than maxBrokenFraction = "
              + settings.maxBrokenFraction()
              + " allows. Mend the rows, or raise it: what was answered is kept in "
              + folder
              + "/"
              + store.folder());
    }
    log.warn("{}", told);
    return new Answers(folder, store, committed, named);
  }

  private static List<String> someBroken(AnswerStore store, Collection<Committed> slices)
      throws IOException {
    List<String> named = new ArrayList<>();
    for (Committed committed : slices) {
      if (committed.numBroken() > 0 && named.size() < MAX_NAMED) {
        store.read(committed).stream()
            .filter(AnsweredRow::isBroken)
            .limit(MAX_NAMED - named.size())
            .map(row -> inWords(row, committed.slice().numVisionTokens()))
            .forEach(named::add);
      }
    }
    return named;
  }

  private static String inWords(AnsweredRow row, int numVisionTokens) {
    return row.id() + " at " + Slice.countInWords(numVisionTokens) + " tokens: " + row.problem();
  }

  private static SortedSet<Slice> slices(int numGroups, List<Integer> counts) {
    SortedSet<Slice> slices = new TreeSet<>();
    for (int group = 0; group < numGroups; group++) {
      for (int count : counts) {
        slices.add(new Slice(group, count));
      }
    }
    return slices;
  }

  /** Deals slices to at most {@code maxTasks} tasks, those of one group to one task, in order. */
  static List<List<Slice>> tasks(Collection<Slice> slices, int maxTasks) {
    Map<Integer, List<Slice>> byGroup = new LinkedHashMap<>();
    slices.forEach(
        slice -> byGroup.computeIfAbsent(slice.group(), g -> new ArrayList<>()).add(slice));
    List<List<Slice>> groups = List.copyOf(byGroup.values());
    int numTasks = Math.min(groups.size(), maxTasks);
    List<List<Slice>> tasks = new ArrayList<>(numTasks);
    for (int i = 0; i < numTasks; i++) {
      List<Slice> task = new ArrayList<>();
      int end = (int) ((i + 1L) * groups.size() / numTasks);
      for (int group = (int) ((long) i * groups.size() / numTasks); group < end; group++) {
        task.addAll(groups.get(group));
      }
      tasks.add(task);
    }
    return tasks;
  }
}
