package io.tokenflex.jobs.transformer;

import io.tokenflex.distributed.Precision;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.jobs.answers.AnswerModel;
import io.tokenflex.jobs.answers.GeneratorAnswerModel;
import io.tokenflex.jobs.answers.Slice;
import io.tokenflex.jobs.run.CalibrationFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReadable;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Adds a column of answers to a table of pictures and questions: greedy decoding with a model
 * folder that every executor can read. An executor loads the model once.
 *
 * <p>The image column holds the bytes of image files or their paths; a null is a question without
 * an image. A row that cannot be asked (no question, an unreadable image, too long) gets null.
 *
 * <p>It is lazy, like every transformer: a row is answered when it is needed, and again when it is
 * needed again. Write the result, or cache it. For tables that take long, {@code tokenflex predict}
 * can be resumed.
 */
public final class VisionAnswerTransformer extends Transformer implements DefaultParamsWritable {
  private static final long serialVersionUID = 1;

  private final String uid;
  private final Param<String> modelFolder;
  private final Param<String> imageCol;
  private final Param<String> promptCol;
  private final Param<String> outputCol;
  private final Param<String> precision;
  private final IntParam numVisionTokens;
  private final IntParam maxNewTokens;
  private final IntParam batchSize;

  /** Creates a transformer with a random uid. */
  public VisionAnswerTransformer() {
    this(Identifiable$.MODULE$.randomUID("visionAnswer"));
  }

  /** Creates a transformer; Spark's reader calls this. */
  public VisionAnswerTransformer(String uid) {
    this.uid = uid;
    modelFolder = new Param<>(this, "modelFolder", "a checkpoint or an imported model");
    imageCol = new Param<>(this, "imageCol", "bytes of image files, or their paths");
    promptCol = new Param<>(this, "promptCol", "questions");
    outputCol = new Param<>(this, "outputCol", "where the answers go");
    precision = new Param<>(this, "precision", "auto, fp32 or bf16");
    numVisionTokens =
        new IntParam(this, "numVisionTokens", "vision tokens an image, a square; 0 for auto");
    maxNewTokens = new IntParam(this, "maxNewTokens", "longest answer in tokens");
    batchSize = new IntParam(this, "batchSize", "rows decoded together");
    setDefault(imageCol, "image");
    setDefault(promptCol, "prompt");
    setDefault(outputCol, "answer");
    setDefault(precision, "auto");
    setDefault(numVisionTokens, 256);
    setDefault(maxNewTokens, 256);
    setDefault(batchSize, 16);
  }

  private record Reader() implements DefaultParamsReadable<VisionAnswerTransformer> {}

  /** Reads what {@link #write} wrote. */
  public static MLReader<VisionAnswerTransformer> read() {
    return new Reader().read();
  }

  /** Loads a saved transformer; the model itself stays where it is. */
  public static VisionAnswerTransformer load(String path) {
    return read().load(path);
  }

  @Override
  public String uid() {
    return uid;
  }

  public Param<String> modelFolder() {
    return modelFolder;
  }

  public Param<String> imageCol() {
    return imageCol;
  }

  public Param<String> promptCol() {
    return promptCol;
  }

  public Param<String> outputCol() {
    return outputCol;
  }

  public Param<String> precision() {
    return precision;
  }

  public IntParam numVisionTokens() {
    return numVisionTokens;
  }

  public IntParam maxNewTokens() {
    return maxNewTokens;
  }

  public IntParam batchSize() {
    return batchSize;
  }

  /** Any Hadoop path that every executor can read. */
  public VisionAnswerTransformer setModelFolder(String value) {
    set(modelFolder, value);
    return this;
  }

  public VisionAnswerTransformer setImageCol(String value) {
    set(imageCol, value);
    return this;
  }

  public VisionAnswerTransformer setPromptCol(String value) {
    set(promptCol, value);
    return this;
  }

  public VisionAnswerTransformer setOutputCol(String value) {
    set(outputCol, value);
    return this;
  }

  /** {@code auto} (fp32 on CPUs), {@code fp32} or {@code bf16}. */
  public VisionAnswerTransformer setPrecision(String value) {
    set(precision, value);
    return this;
  }

  /** A square number. */
  public VisionAnswerTransformer setNumVisionTokens(int value) {
    set(numVisionTokens, value);
    return this;
  }

  /**
   * {@code auto} for a number that the calibration in the model's folder chooses for each row, or a
   * square number.
   */
  public VisionAnswerTransformer setNumVisionTokens(String value) {
    try {
      return setNumVisionTokens(value.equals("auto") ? Slice.AUTO : Integer.parseInt(value));
    } catch (NumberFormatException e) {
      throw new InvalidInputException(
          "numVisionTokens is '" + value + "'; it must be auto or a square number", e);
    }
  }

  public VisionAnswerTransformer setMaxNewTokens(int value) {
    set(maxNewTokens, value);
    return this;
  }

  public VisionAnswerTransformer setBatchSize(int value) {
    set(batchSize, value);
    return this;
  }

  @Override
  public StructType transformSchema(StructType schema) {
    DataType image = typeOf(schema, getOrDefault(imageCol));
    if (!image.equals(DataTypes.BinaryType) && !image.equals(DataTypes.StringType)) {
      throw new InvalidInputException(
          "imageCol %s is of type %s; it must hold bytes (binary) or paths (string)"
              .formatted(getOrDefault(imageCol), image.typeName()));
    }
    DataType prompt = typeOf(schema, getOrDefault(promptCol));
    if (!prompt.equals(DataTypes.StringType)) {
      throw new InvalidInputException(
          "promptCol %s is of type %s; it must be a string"
              .formatted(getOrDefault(promptCol), prompt.typeName()));
    }
    if (List.of(schema.fieldNames()).contains(getOrDefault(outputCol))) {
      throw new InvalidInputException(
          "outputCol %s is there already; name another one".formatted(getOrDefault(outputCol)));
    }
    return schema.add(getOrDefault(outputCol), DataTypes.StringType, true);
  }

  private static DataType typeOf(StructType schema, String column) {
    return Arrays.stream(schema.fields())
        .filter(field -> field.name().equals(column))
        .map(StructField::dataType)
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "The table has no column %s; it has %s"
                        .formatted(column, List.of(schema.fieldNames()))));
  }

  /**
   * The table with its answers.
   *
   * @throws InvalidInputException if a column is missing or there already, no model folder is set,
   *     or a number of vision tokens is to be chosen and the model was not calibrated
   */
  @Override
  public Dataset<Row> transform(Dataset<?> table) {
    StructType schema = transformSchema(table.schema());
    if (!isSet(modelFolder)) {
      throw new InvalidInputException("modelFolder is not set; call setModelFolder");
    }
    Precision asked = precision(getOrDefault(precision));
    AnswerRows.Settings settings =
        new AnswerRows.Settings(
            getOrDefault(modelFolder),
            loader(asked, table.sparkSession().sparkContext().hadoopConfiguration()),
            getOrDefault(imageCol),
            getOrDefault(promptCol),
            (int) getOrDefault(numVisionTokens),
            (int) getOrDefault(maxNewTokens),
            (int) getOrDefault(batchSize));
    JavaSparkContext context =
        JavaSparkContext.fromSparkContext(table.sparkSession().sparkContext());
    Broadcast<SerializableConfiguration> hadoop =
        context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
    return table
        .toDF()
        .mapPartitions(
            (MapPartitionsFunction<Row, Row>)
                rows -> answered(settings, rows, hadoop.value().value()),
            Encoders.row(schema));
  }

  private AnswerModel.Loader loader(Precision asked, Configuration hadoop) {
    if ((int) getOrDefault(numVisionTokens) != Slice.AUTO) {
      return GeneratorAnswerModel.loader(asked);
    }
    String folder = getOrDefault(modelFolder);
    try {
      return GeneratorAnswerModel.adaptiveLoader(
          asked, CalibrationFile.read(CalibrationFile.in(folder), folder, hadoop));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Iterator<Row> answered(
      AnswerRows.Settings settings, Iterator<Row> rows, Configuration hadoop) throws IOException {
    return new AnswerRows(settings, rows, hadoop);
  }

  private static Precision precision(String name) {
    try {
      return Precision.valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(
          "precision is " + name + "; it must be auto, fp32 or bf16", e);
    }
  }

  @Override
  public VisionAnswerTransformer copy(ParamMap extra) {
    return defaultCopy(extra);
  }
}
