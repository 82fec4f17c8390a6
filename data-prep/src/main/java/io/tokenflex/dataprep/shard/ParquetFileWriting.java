package io.tokenflex.dataprep.shard;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;

/** Opens Parquet writers that cut row groups by row count alone and write equal bytes each time. */
final class ParquetFileWriting {
  private static final String IMAGE_BYTES = "images.list.element.bytes";

  /** Far above any row group: only the row count may end one. */
  private static final long UNLIMITED_BYTES = 1L << 40;

  private ParquetFileWriting() {}

  static <T> ParquetWriter<T> open(
      OutputFile file, RecordWriting<T> writing, int rowsPerRowGroup, Configuration configuration)
      throws IOException {
    return new Builder<>(file, writing)
        .withConf(configuration)
        // One encoding a column: the footer lists several in an order that differs between JVMs.
        .withWriterVersion(WriterVersion.PARQUET_2_0)
        .withDictionaryEncoding(false)
        // Encoded pictures do not shrink further, and beside them the text hardly counts.
        .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
        .withStatisticsEnabled(IMAGE_BYTES, false)
        .withPageWriteChecksumEnabled(true)
        .withRowGroupSize(UNLIMITED_BYTES)
        .withRowGroupRowCountLimit(rowsPerRowGroup)
        // Pages are measured after every row, since one row may be a page's worth of pixels.
        .withMinRowCountForPageSizeCheck(1)
        .withMaxRowCountForPageSizeCheck(16)
        .build();
  }

  private static final class Builder<T> extends ParquetWriter.Builder<T, Builder<T>> {
    private final RecordWriting<T> writing;

    Builder(OutputFile file, RecordWriting<T> writing) {
      super(file);
      this.writing = writing;
    }

    @Override
    protected Builder<T> self() {
      return this;
    }

    @Override
    @SuppressWarnings("deprecation") // abstract in this version of Parquet
    protected WriteSupport<T> getWriteSupport(Configuration configuration) {
      return writing;
    }
  }
}
