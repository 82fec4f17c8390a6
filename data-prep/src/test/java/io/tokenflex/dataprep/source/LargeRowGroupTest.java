package io.tokenflex.dataprep.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tokenflex.dataprep.record.SourceImage;
import io.tokenflex.dataprep.record.SourceRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * pandas and pyarrow write a table of any size as one row group: it is read in a heap that could
 * not hold it.
 */
@Tag("slow")
class LargeRowGroupTest {
  private static final int NUM_ROWS = 1600;
  private static final int IMAGE_BYTES = 100_000;
  private static final String HEAP = "-Xmx96m";
  private static final MessageType TABLE =
      MessageTypeParser.parseMessageType(
          "message schema { optional group image { optional binary bytes;"
              + " optional binary path (STRING); } optional binary caption (STRING); }");

  @TempDir private Path folder;

  @Test
  @Timeout(value = 6, unit = TimeUnit.MINUTES)
  void aRowGroupLargerThanTheHeapIsReadPageByPage() throws Exception {
    Path file = folder.resolve("one-row-group.parquet");
    write(file);
    assertThat(Files.size(file)).isGreaterThan((long) NUM_ROWS * IMAGE_BYTES);
    Path output = folder.resolve("output.txt");
    Process reader =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                HEAP,
                "-cp",
                System.getProperty("java.class.path"),
                Reader.class.getName(),
                file.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(reader.waitFor(5, TimeUnit.MINUTES)).as("ended in time").isTrue();
    } finally {
      reader.destroyForcibly();
    }
    assertThat(Files.readString(output, UTF_8))
        .contains("splits 1, records 1600, image bytes 160000000")
        .contains("whole: OutOfMemoryError");
  }

  private static void write(Path file) throws IOException {
    Random random = new Random(3);
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(file))
            .withType(TABLE)
            .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
            .withDictionaryEncoding(false)
            .withRowGroupSize(1L << 30)
            // else a page ends after 100 rows at the earliest, which here are 10 MB
            .withMinRowCountForPageSizeCheck(1)
            .withPageSize(1 << 20)
            .build()) {
      for (int i = 0; i < NUM_ROWS; i++) {
        byte[] bytes = new byte[IMAGE_BYTES];
        random.nextBytes(bytes);
        Group row = new SimpleGroup(TABLE);
        row.addGroup("image").append("bytes", Binary.fromConstantByteArray(bytes));
        row.append("caption", "caption " + i);
        writer.write(row);
      }
    }
  }

  /** A process of its own, whose heap is small. */
  static final class Reader {
    private Reader() {}

    public static void main(String[] args) throws IOException {
      SourceFile file = SourceReading.file(Path.of(args[0]));
      SourceFormat format = SourceFormats.recognise(file);
      List<SourceSplit> splits = format.plan(file, SourceReading.OPTIONS);
      long[] counts = new long[2];
      for (SourceSplit split : splits) {
        format.read(
            file,
            split,
            SourceReading.OPTIONS,
            read -> {
              SourceRecord record = ((ReadRecord.Parsed) read).record();
              counts[0]++;
              for (SourceImage image : record.images()) {
                counts[1] += ((SourceImage.Embedded) image).bytes().length;
              }
            });
      }
      System.out.println(
          "splits " + splits.size() + ", records " + counts[0] + ", image bytes " + counts[1]);
      readWhole(file.path());
    }

    /** That it would not fit otherwise. */
    private static void readWhole(org.apache.hadoop.fs.Path path) throws IOException {
      try (ParquetFileReader reader =
          ParquetFileReader.open(HadoopInputFile.fromPath(path, new Configuration()))) {
        System.out.println("whole: " + reader.readNextRowGroup().getRowCount() + " rows");
      } catch (OutOfMemoryError | RuntimeException e) {
        if (!isOutOfMemory(e)) {
          throw e;
        }
        System.out.println("whole: OutOfMemoryError");
      }
    }

    private static boolean isOutOfMemory(Throwable failure) {
      return failure instanceof OutOfMemoryError
          || (failure.getCause() != null && isOutOfMemory(failure.getCause()));
    }
  }
}
