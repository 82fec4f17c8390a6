package io.tokenflex.jobs.testing;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** A team's table: pictures of a shape each, with questions, and the model to ask. */
public final class TablePictures {
  /** The model that the quickstart starts from. */
  public static final Path MODEL = Path.of("../conf/quickstart-start").toAbsolutePath().normalize();

  private TablePictures() {}

  public static String id(int i) {
    return String.format(Locale.ROOT, "row %03d", i);
  }

  public static String question(int i) {
    return i % 2 == 0 ? "What \"shape\" is it, please?" : "What colour is it?";
  }

  /** A picture, different for every number. */
  public static byte[] png(int i) {
    BufferedImage image = new BufferedImage(128, 128, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, 128, 128);
    graphics.setColor(new Color((i * 37) % 256, (i * 91) % 256, (i * 53) % 256));
    if (i % 3 == 0) {
      graphics.fillOval(20, 20, 30 + i, 80);
    } else {
      graphics.fillRect(20, 20, 30 + i, 80);
    }
    graphics.dispose();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** Columns id, question and picture (bytes). */
  public static Dataset<Row> table(SparkSession spark, int rows) {
    StructType schema =
        new StructType()
            .add("id", DataTypes.StringType)
            .add("question", DataTypes.StringType)
            .add("picture", DataTypes.BinaryType);
    List<Row> table = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      table.add(RowFactory.create(id(i), question(i), png(i)));
    }
    return spark.createDataFrame(table, schema);
  }
}
