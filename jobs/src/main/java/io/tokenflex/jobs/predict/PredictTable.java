package io.tokenflex.jobs.predict;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.answers.RowSource;
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
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/**
 * The table to be answered.
 *
 * @param path a file, folder or glob: CSV with a header if it ends with .csv, tab-separated with
 *     .tsv, JSON lines with .jsonl, else Parquet
 * @param idColumn tells rows apart
 * @param prompt asked of every row; without one, {@code promptColumn} is
 * @param promptColumn each row's own question
 * @param imageColumn bytes of an image file, or its path, or a list of either in the order of the
 *     question's marks; without one, rows are text alone
 * @param imageFolder where relative paths of images begin
 */
public record PredictTable(
    String path,
    String idColumn,
    Optional<String> prompt,
    Optional<String> promptColumn,
    Optional<String> imageColumn,
    String imageFolder)
    implements PredictInput {
  static final String ID = "id";
  static final String PROMPT = "prompt";
  static final String IMAGE_BYTES = "imageBytes";
  static final String IMAGE_PATHS = "imagePaths";

  public PredictTable {
    if (prompt.isPresent() == promptColumn.isPresent()) {
      throw new InvalidInputException(
          "Give either one prompt for all rows or the column that holds each row's (--prompt or"
              + " --prompt-column); only a prepared dataset has questions of its own");
    }
  }

  @Override
  public RowSource rows(SparkSession spark, String folder) throws IOException {
    return StagedTable.of(spark, this, folder);
  }

  @Override
  public boolean hasSamples() {
    return false;
  }

  /**
   * The rows with columns {@link #ID}, {@link #PROMPT}, {@link #IMAGE_BYTES} and {@link
   * #IMAGE_PATHS}, lists, of which at most one is set.
   *
   * @throws InvalidInputException if a column is missing or of another type
   */
  Dataset<Row> columns(SparkSession spark) throws IOException {
    Dataset<Row> table = read(spark);
    List<Column> columns = new ArrayList<>();
    columns.add(column(table, idColumn).cast(DataTypes.StringType).as(ID));
    columns.add(
        promptColumn
            .map(name -> column(table, name))
            .orElseGet(() -> functions.lit(prompt.orElseThrow()))
            .cast(DataTypes.StringType)
            .as(PROMPT));
    Column noBytes = functions.lit(null).cast(DataTypes.createArrayType(DataTypes.BinaryType));
    Column noPaths = functions.lit(null).cast(DataTypes.createArrayType(DataTypes.StringType));
    boolean isBytes = false;
    Column images = noPaths;
    if (imageColumn.isPresent()) {
      DataType type = typeOf(table, imageColumn.get());
      boolean isList = type instanceof ArrayType;
      DataType ofOne = type instanceof ArrayType list ? list.elementType() : type;
      isBytes = ofOne.equals(DataTypes.BinaryType);
      if (!isBytes && !ofOne.equals(DataTypes.StringType)) {
        throw new InvalidInputException(
            "Column %s of %s is of type %s; an image is bytes (binary) or a path (string), several are a list of them"
                .formatted(imageColumn.get(), path, type.simpleString()));
      }
      Column column = column(table, imageColumn.get());
      images = isList ? column : functions.when(column.isNotNull(), functions.array(column));
    }
    columns.add((isBytes ? images : noBytes).as(IMAGE_BYTES));
    columns.add((isBytes ? noPaths : images).as(IMAGE_PATHS));
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
              + "; give a file, a folder or a glob of Parquet, CSV, TSV or JSON lines, or a prepared"
              + " dataset");
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

  private DataType typeOf(Dataset<Row> table, String name) {
    return Arrays.stream(table.dtypes())
        .filter(column -> column._1().equals(name))
        .map(column -> table.schema().apply(name).dataType())
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "%s has no column %s; it has %s"
                        .formatted(path, name, List.of(table.columns()))));
  }
}
