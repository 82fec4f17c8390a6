package io.tokenflex.jobs.answers;

import io.tokenflex.dataprep.storage.HadoopStorage;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/** All answers of a job, in the order of groups, in a group of counts, at a count of rows. */
public final class Answers {
  private final String folder;
  private final AnswerStore store;
  private final SortedMap<Slice, Slice.Committed> slices;
  private final List<String> brokenRows;

  /**
   * @param folder of all answers
   * @param slices all of the job
   * @param brokenRows a few of them with what is wrong
   */
  Answers(
      String folder,
      AnswerStore store,
      SortedMap<Slice, Slice.Committed> slices,
      List<String> brokenRows) {
    this.folder = folder;
    this.store = store;
    this.slices = slices;
    this.brokenRows = List.copyOf(brokenRows);
  }

  /** The answers of one slice. */
  public record OfSlice(Slice slice, List<AnsweredRow> rows) {}

  /** Reads all answers, which have to fit into the driver's memory. */
  public List<OfSlice> read() throws IOException {
    return read(store, slices.values());
  }

  private static List<OfSlice> read(AnswerStore store, Collection<Slice.Committed> slices)
      throws IOException {
    List<OfSlice> read = new ArrayList<>(slices.size());
    for (Slice.Committed slice : slices) {
      read.add(new OfSlice(slice.slice(), store.read(slice)));
    }
    return read;
  }

  /** An answer with its group and the token count that it was asked at. */
  public record AtCount(int group, int numVisionTokens, AnsweredRow row) implements Serializable {}

  /** All answers as rows of Spark, read by the executors: for tables of any size. */
  public JavaRDD<AtCount> rows(JavaSparkContext context) {
    Broadcast<SerializableConfiguration> hadoop =
        context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
    String root = folder;
    String name = store.folder();
    List<String> files = slices.values().stream().map(Slice.Committed::fileName).toList();
    if (files.isEmpty()) {
      return context.emptyRDD();
    }
    int numParts = Math.min(files.size(), 2 * context.defaultParallelism());
    return context
        .parallelize(new ArrayList<>(files), numParts)
        .flatMap(
            file -> {
              AnswerStore there =
                  new AnswerStore(new HadoopStorage(root, hadoop.value().value()), name);
              Slice.Committed slice = Slice.Committed.parse(file).orElseThrow();
              return there.read(slice).stream()
                  .map(
                      row ->
                          new AtCount(slice.slice().group(), slice.slice().numVisionTokens(), row))
                  .iterator();
            });
  }

  /** What the model computed in; empty if there was nothing to answer. */
  public String precision() throws IOException {
    return store.precision().orElse("");
  }

  /** Some of the rows that could not be asked, each with its id and what is wrong with it. */
  public List<String> brokenRows() {
    return brokenRows;
  }
}
