package io.tokenflex.jobs.predict;

import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;

/**
 * The table to be answered.
 *
 * @param path a file, folder or glob: CSV with a header if it ends with .csv, tab-separated with
 *     .tsv, JSON lines with .jsonl, else Parquet
 * @param idColumn tells rows apart
 * @param prompt asked of every row; without one, {@code promptColumn} is
 * @param promptColumn each row's own question
 * @param imageColumn bytes of an image file, or its path; without one, rows are text alone
 * @param imageFolder where relative paths of images begin
 */
public record PredictTable(
    String path,
    String idColumn,
    Optional<String> prompt,
    Optional<String> promptColumn,
    Optional<String> imageColumn,
    String imageFolder) {
  static final String ID = "id";
  static final String PROMPT = "prompt";
  static final String IMAGE_BYTES = "imageBytes";
  static final String IMAGE_PATH = "imagePath";

  public PredictTable {
    if (prompt.isPresent() == promptColumn.isPresent()) {
      throw new InvalidInputException(
          "Give either one prompt for all rows or the column that holds each row's");
    }
  }

  /**
   * The rows with columns {@link #ID}, {@link #PROMPT}, {@link #IMAGE_BYTES} and {@link
   * #IMAGE_PATH}, of the last two at most one set.
   *
   * @throws InvalidInputException if a column is missing or of another type
   */
  Dataset<Row> rows(SparkSession spark) throws IOException {
    Dataset<Row> table = read(spark);
    List<Column> columns = new ArrayList<>();
    columns.add(column(table, idColumn).cast(DataTypes.StringType).as(ID));
    columns.add(
        promptColumn
            .map(name -> column(table, name))
            .orElseGet(() -> functions.lit(prompt.orElseThrow()))
            .cast(DataTypes.StringType)
            .as(PROMPT));
    Column noBytes = functions.lit(null).cast(DataTypes.BinaryType);
    Column noPath = functions.lit(null).cast(DataTypes.StringType);
    boolean isBytes = imageColumn.isPresent() && typeOf(table, imageColumn.get()).equals("binary");
    if (imageColumn.isPresent() && !isBytes) {
      String type = typeOf(table, imageColumn.get());
      if (!type.equals("string")) {
        throw new InvalidInputException(
            "Column %s of %s is of type %s; an image is bytes (binary) or a path (string)"
                .formatted(imageColumn.get(), path, type));
      }
    }
    Column image = imageColumn.map(name -> column(table, name)).orElse(noPath);
    columns.add((isBytes ? image : noBytes).as(IMAGE_BYTES));
    columns.add((isBytes ? noPath : image).as(IMAGE_PATH));
    return table.select(columns.toArray(Column[]::new));
  }

  private Dataset<Row> read(SparkSession spark) throws IOException {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    Path given = new Path(path);
    if (given.getFileSystem(hadoop).globStatus(given) == null
        || given.getFileSystem(hadoop).globStatus(given).length == 0) {
      throw new InvalidInputException(
          "No table at "
              + path
              + "; give a file, a folder or a glob of Parquet, CSV, TSV or JSON lines");
    }
    String name = path.toLowerCase(Locale.ROOT);
    if (name.endsWith(".csv") || name.endsWith(".tsv")) {
      return spark
          .read()
          .option("header", true)
          .option("multiLine", true)
          .option("escape", "\"") // RFC 4180: a quote inside quotes is doubled
          .option("sep", name.endsWith(".tsv") ? "\t" : ",")
          .csv(path);
    } else if (name.endsWith(".jsonl")) {
      return spark.read().json(path);
    }
    return spark.read().parquet(path);
  }

  private Column column(Dataset<Row> table, String name) {
    typeOf(table, name);
    return table.col("`" + name.replace("`", "``") + "`");
  }

  private String typeOf(Dataset<Row> table, String name) {
    return Arrays.stream(table.dtypes())
        .filter(column -> column._1().equals(name))
        .map(column -> table.schema().apply(name).dataType().typeName())
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "%s has no column %s; it has %s"
                        .formatted(path, name, List.of(table.columns()))));
  }
}
