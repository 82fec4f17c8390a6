package io.tokenflex.dataprep.shard;

import io.tokenflex.dataprep.dataset.DatasetLayout;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.column.values.ValuesWriter;
import org.apache.parquet.column.values.factory.ValuesWriterFactory;
import org.apache.parquet.column.values.plain.PlainValuesWriter;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.hadoop.ColumnChunkPageWriteStore;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.RecordConsumer;

/**
 * Writes a Parquet file whose row groups end after a given number of rows or on request, and whose
 * bytes are a function of the rows.
 *
 * <p>Parquet's own writer offers only two sets of encodings, neither of which is usable. With data
 * pages of version 1 a column has several encodings, which the footer lists in the order of
 * identity hash codes, different in each JVM. With version 2 texts become DELTA_BYTE_ARRAY, which
 * Spark's vectorized reader decodes wrongly. This class writes version 2 pages with PLAIN encoding.
 */
final class RowGroupWriter<T> implements Closeable {
  private static final String IMAGE_BYTES = "images.list.element.bytes";
  private static final long DEFAULT_BLOCK_BYTES = 128L << 20;
  private static final int NO_PADDING = 0;

  private static final ParquetProperties PROPERTIES =
      ParquetProperties.builder()
          .withWriterVersion(WriterVersion.PARQUET_2_0)
          .withValuesWriterFactory(new PlainEncoding())
          .withStatisticsEnabled(IMAGE_BYTES, false)
          .withPageWriteChecksumEnabled(true)
          // Page sizes are checked at every row, because a few rows can hold megabytes of images.
          .withMinRowCountForPageSizeCheck(1)
          .withMaxRowCountForPageSizeCheck(16)
          .build();

  private final RecordWriting<T> writing;
  private final int rowsPerRowGroup;
  private final ParquetFileWriter file;
  private final List<Integer> rowGroupRows = new ArrayList<>();
  private RowGroup rowGroup;

  /** Creates the file, which must not exist. */
  RowGroupWriter(OutputFile output, RecordWriting<T> writing, int rowsPerRowGroup)
      throws IOException {
    this.writing = writing;
    this.rowsPerRowGroup = rowsPerRowGroup;
    this.file =
        new ParquetFileWriter(
            output,
            writing.schema(),
            ParquetFileWriter.Mode.CREATE,
            DEFAULT_BLOCK_BYTES,
            NO_PADDING,
            /* encryptionProperties= */ null,
            PROPERTIES);
    file.start();
  }

  void write(T row) throws IOException {
    if (rowGroup == null) {
      rowGroup = new RowGroup();
    }
    writing.write(row, rowGroup.consumer);
    rowGroup.rows++;
    if (rowGroup.rows == rowsPerRowGroup) {
      finishRowGroup();
    }
  }

  /** Ends the current row group, unless it is empty. */
  void endRowGroup() throws IOException {
    if (rowGroup != null) {
      finishRowGroup();
    }
  }

  /**
   * Writes the last row group and the footer.
   *
   * @return rows of each row group; empty if all but the last have the maximum number of rows
   */
  List<Integer> finish() throws IOException {
    endRowGroup();
    int numFull = Math.max(0, rowGroupRows.size() - 1);
    boolean isEven =
        rowGroupRows.subList(0, numFull).stream().allMatch(rows -> rows == rowsPerRowGroup);
    int version = isEven ? DatasetLayout.EVEN_FORMAT_VERSION : DatasetLayout.FORMAT_VERSION;
    file.end(Map.of(DatasetLayout.FORMAT_VERSION_KEY, Integer.toString(version)));
    return isEven ? List.of() : List.copyOf(rowGroupRows);
  }

  private void finishRowGroup() throws IOException {
    rowGroupRows.add(rowGroup.rows);
    rowGroup.consumer.flush();
    file.startBlock(rowGroup.rows);
    rowGroup.columns.flush();
    rowGroup.pages.flushToFileWriter(file);
    file.endBlock();
    rowGroup.close();
    rowGroup = null;
  }

  /** Releases resources; a file that was not finished is not readable. */
  @Override
  public void close() throws IOException {
    if (rowGroup != null) {
      rowGroup.close();
      rowGroup = null;
    }
    file.close();
  }

  /** The row group collected in memory. */
  private final class RowGroup {
    private final ColumnChunkPageWriteStore pages =
        new ColumnChunkPageWriteStore(
            new NoCompression(),
            writing.schema(),
            HeapByteBufferAllocator.getInstance(),
            ParquetProperties.DEFAULT_COLUMN_INDEX_TRUNCATE_LENGTH,
            PROPERTIES.getPageWriteChecksumEnabled());
    private final ColumnWriteStore columns =
        PROPERTIES.newColumnWriteStore(writing.schema(), pages);
    private final RecordConsumer consumer =
        new ColumnIOFactory().getColumnIO(writing.schema()).getRecordWriter(columns);
    private int rows;

    void close() {
      columns.close();
      pages.close();
    }
  }

  private static final class PlainEncoding implements ValuesWriterFactory {
    private static final int INITIAL_BYTES = 1024;

    private ParquetProperties properties;

    @Override
    public void initialize(ParquetProperties owner) {
      properties = owner;
    }

    @Override
    public ValuesWriter newValuesWriter(ColumnDescriptor column) {
      return new PlainValuesWriter(
          INITIAL_BYTES, properties.getPageSizeThreshold(), properties.getAllocator());
    }
  }

  /** Encoded images are incompressible, and texts are small in comparison. */
  private static final class NoCompression implements BytesInputCompressor {
    @Override
    public BytesInput compress(BytesInput bytes) {
      return bytes;
    }

    @Override
    public CompressionCodecName getCodecName() {
      return CompressionCodecName.UNCOMPRESSED;
    }

    @Override
    public void release() {}
  }
}
