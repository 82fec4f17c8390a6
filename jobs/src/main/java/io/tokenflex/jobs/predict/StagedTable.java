package io.tokenflex.jobs.predict;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.dataprep.storage.HadoopStorage;
import io.tokenflex.digest.Digests;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.answers.PromptRow;
import io.tokenflex.jobs.answers.RowSource;
import io.tokenflex.storage.Publication;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/**
 * The rows of a table in the order of their ids, in groups of a fixed size, each a file below a
 * folder that is named by a digest of the rows. Tables come in files of any kind and partitions of
 * any number; groups must be the same in every run.
 */
final class StagedTable implements RowSource {
  /** Rows that are answered and committed at once. */
  private static final int GROUP_ROWS = 64;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final String folder;
  private final String fingerprint;
  private final long numRows;

  private StagedTable(String folder, String fingerprint, long numRows) {
    this.folder = folder;
    this.fingerprint = fingerprint;
    this.numRows = numRows;
  }

  /** Content of a group's file. */
  private record Group(List<StagedRow> rows) {}

  /**
   * Reads a table and writes those groups that are not there yet.
   *
   * @param folder of all staged tables, any Hadoop path
   * @throws InvalidInputException if ids are missing or not unique
   */
  static StagedTable of(SparkSession spark, PredictTable table, String folder) throws IOException {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Broadcast<SerializableConfiguration> hadoop =
        context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
    Dataset<Row> rows = table.columns(spark);
    checkIds(rows, table);
    String imageFolder = table.imageFolder();
    JavaRDD<StagedRow> staged =
        rows.toJavaRDD().map(row -> StagedRow.of(row, imageFolder, hadoop.value().value()));
    // a sum does not depend on the order in which files are read
    Tuple2<Long, Long> total =
        staged
            .map(row -> new Tuple2<>(1L, row.digest()))
            .fold(new Tuple2<>(0L, 0L), (a, b) -> new Tuple2<>(a._1() + b._1(), a._2() + b._2()));
    long numRows = total._1();
    if (numRows == 0) {
      throw new InvalidInputException(table.path() + " has no rows; there is nothing to answer");
    }
    String fingerprint =
        Digests.sha256Hex(
            String.format(
                Locale.ROOT, "table 2, %d a group, %d rows, %x", GROUP_ROWS, numRows, total._2()));
    StagedTable result = new StagedTable(folder, fingerprint, numRows);
    Set<String> there =
        Set.copyOf(new HadoopStorage(folder, context.hadoopConfiguration()).list(result.name()));
    if (there.stream().filter(name -> name.endsWith(".json")).count() < result.numGroups()) {
      result.write(staged, hadoop);
    }
    return result;
  }

  private static void checkIds(Dataset<Row> rows, PredictTable table) {
    List<Row> repeated =
        rows.groupBy(PredictTable.ID).count().filter("count > 1 or id is null").takeAsList(3);
    if (!repeated.isEmpty()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: the id %s stands in %d rows; column %s has to tell the rows apart, name another"
                  + " one with --id",
              table.path(),
              repeated.get(0).get(0),
              repeated.get(0).getLong(1),
              table.idColumn()));
    }
  }

  private void write(JavaRDD<StagedRow> rows, Broadcast<SerializableConfiguration> hadoop) {
    String root = folder;
    String name = name();
    rows.sortBy(StagedRow::id, true, rows.getNumPartitions())
        .zipWithIndex()
        .mapToPair(row -> new Tuple2<>(row._2() / GROUP_ROWS, row))
        .groupByKey()
        .foreach(
            group -> {
              List<Tuple2<StagedRow, Long>> members = new ArrayList<>();
              group._2().forEach(members::add);
              members.sort((a, b) -> Long.compare(a._2(), b._2()));
              List<StagedRow> inOrder = members.stream().map(Tuple2::_1).toList();
              Publication.publish(
                  new HadoopStorage(root, hadoop.value().value()),
                  name + "/" + fileName(group._1()),
                  JSON.writeValueAsBytes(new Group(inOrder)));
            });
  }

  private String name() {
    return fingerprint.substring(0, 16);
  }

  private static String fileName(long group) {
    return String.format(Locale.ROOT, "group-%08d.json", group);
  }

  @Override
  public String fingerprint() {
    return fingerprint;
  }

  @Override
  public int numGroups() {
    return Math.toIntExact((numRows + GROUP_ROWS - 1) / GROUP_ROWS);
  }

  @Override
  public Reader reader(Set<Integer> groups) {
    return reader(folder, name());
  }

  private static Reader reader(String root, String name) {
    return hadoop -> new Rows(new HadoopStorage(root, hadoop), name, hadoop);
  }

  private record Rows(HadoopStorage storage, String name, Configuration hadoop)
      implements RowSource.Rows {
    @Override
    public List<PromptRow> read(int group) throws IOException {
      List<PromptRow> rows = new ArrayList<>();
      try (InputStream in = storage.open(name + "/" + fileName(group))) {
        for (StagedRow row : JSON.readValue(in, Group.class).rows()) {
          rows.add(row.toPrompt(hadoop));
        }
      }
      return rows;
    }

    @Override
    public void close() {}
  }
}
