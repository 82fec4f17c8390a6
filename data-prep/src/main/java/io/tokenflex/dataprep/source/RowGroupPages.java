package io.tokenflex.dataprep.source;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.zip.CRC32;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV1;
import org.apache.parquet.column.page.DataPageV2;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.DictionaryPageHeader;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.apache.parquet.io.ParquetDecodingException;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.schema.PrimitiveType;

/**
 * Reads the pages of a row group on demand, so that memory holds one page per column. pandas and
 * pyarrow write tables of any size as one row group, and Parquet's own reader loads whole row
 * groups.
 */
final class RowGroupPages implements PageReadStore {
  /** Read-ahead per column; small columns are fetched with one storage access. */
  private static final int READ_AHEAD_BYTES = 1 << 20;

  /**
   * Maximum fraction of the heap for a page and its compressed bytes; the rest is for the decoded
   * values.
   */
  private static final double MOST_OF_MEMORY = 0.7;

  private final SeekableInputStream file;
  private final BlockMetaData rowGroup;
  private final Map<ColumnPath, ColumnChunkMetaData> chunks = new HashMap<>();
  private final CodecFactory codecs;

  /**
   * Opens a row group without reading it.
   *
   * @param file closed by the caller
   */
  RowGroupPages(SeekableInputStream file, BlockMetaData rowGroup, Configuration configuration) {
    this.file = file;
    this.rowGroup = rowGroup;
    this.codecs = new CodecFactory(configuration, READ_AHEAD_BYTES);
    for (ColumnChunkMetaData chunk : rowGroup.getColumns()) {
      chunks.put(chunk.getPath(), chunk);
    }
  }

  @Override
  public PageReader getPageReader(ColumnDescriptor column) {
    ColumnChunkMetaData chunk = chunks.get(ColumnPath.get(column.getPath()));
    if (chunk == null || chunk.isEncrypted()) {
      throw new ParquetDecodingException(
          "Column " + ColumnPath.get(column.getPath()) + " is missing or encrypted");
    }
    return new ColumnPages(chunk, column.getPrimitiveType());
  }

  @Override
  public long getRowCount() {
    return rowGroup.getRowCount();
  }

  @Override
  public void close() {
    codecs.release();
  }

  /** The pages of one column. All sizes in headers are untrusted. */
  private final class ColumnPages implements PageReader {
    private final ColumnChunkMetaData chunk;
    private final PrimitiveType type;
    private final ChunkStream stream;
    private PageHeader header;
    private long numValues;

    ColumnPages(ColumnChunkMetaData chunk, PrimitiveType type) {
      this.chunk = chunk;
      this.type = type;
      this.stream = new ChunkStream(chunk.getStartingPos(), chunk.getTotalSize());
    }

    @Override
    public long getTotalValueCount() {
      return chunk.getValueCount();
    }

    @Override
    public DictionaryPage readDictionaryPage() {
      try {
        PageHeader next = header();
        if (!next.isSetDictionary_page_header()) {
          return null; // no dictionary: this is the first data page, kept for readPage
        }
        DictionaryPageHeader page = next.getDictionary_page_header();
        byte[] bytes = bytes(next);
        return new DictionaryPage(
            decompressed(BytesInput.from(bytes), next.getUncompressed_page_size()),
            page.getNum_values(),
            encoding(page.getEncoding()));
      } catch (IOException e) {
        throw damaged(e);
      }
    }

    @Override
    public DataPage readPage() {
      try {
        while (numValues < chunk.getValueCount()) {
          PageHeader next = header();
          byte[] bytes = bytes(next);
          if (next.isSetData_page_header()) {
            return page(next, next.getData_page_header(), bytes);
          }
          if (next.isSetData_page_header_v2()) {
            return page(next, next.getData_page_header_v2(), bytes);
          }
          // Unknown page type of a later format version; readers must skip it.
        }
        return null;
      } catch (IOException e) {
        throw damaged(e);
      }
    }

    private DataPage page(PageHeader next, DataPageHeader page, byte[] bytes) throws IOException {
      numValues += positive(page.getNum_values());
      return new DataPageV1(
          decompressed(BytesInput.from(bytes), next.getUncompressed_page_size()),
          page.getNum_values(),
          next.getUncompressed_page_size(),
          noStatistics(),
          encoding(page.getRepetition_level_encoding()),
          encoding(page.getDefinition_level_encoding()),
          encoding(page.getEncoding()));
    }

    private DataPage page(PageHeader next, DataPageHeaderV2 page, byte[] bytes) throws IOException {
      numValues += positive(page.getNum_values());
      int repetition = page.getRepetition_levels_byte_length();
      int definition = page.getDefinition_levels_byte_length();
      int levels = repetition + definition;
      if (repetition < 0 || definition < 0 || levels < 0 || levels > bytes.length) {
        throw new IOException("the levels of a page are longer than the page");
      }
      BytesInput data = BytesInput.from(bytes, levels, bytes.length - levels);
      boolean isCompressed = !page.isSetIs_compressed() || page.isIs_compressed();
      return DataPageV2.uncompressed(
          page.getNum_rows(),
          page.getNum_nulls(),
          page.getNum_values(),
          BytesInput.from(bytes, 0, repetition),
          BytesInput.from(bytes, repetition, definition),
          encoding(page.getEncoding()),
          isCompressed ? decompressed(data, next.getUncompressed_page_size() - levels) : data,
          noStatistics());
    }

    private PageHeader header() throws IOException {
      if (header == null) {
        if (stream.left() == 0) {
          throw new EOFException(
              String.format(
                  Locale.ROOT, "it ends after %d of %d values", numValues, chunk.getValueCount()));
        }
        long at = stream.position;
        try {
          header = Util.readPageHeader(stream);
        } catch (IOException | RuntimeException e) {
          // The cause's message contains only object identities.
          throw new IOException("at byte " + at + " stands no header of a page");
        }
      }
      return header;
    }

    /** The bytes after the header, undecoded. */
    private byte[] bytes(PageHeader page) throws IOException {
      header = null;
      long length = page.getCompressed_page_size();
      long uncompressed = page.getUncompressed_page_size();
      long most = Math.max(chunk.getTotalUncompressedSize(), chunk.getTotalSize());
      if (length < 0 || length > stream.left() || uncompressed < 0 || uncompressed > most) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "a page says that it has %d bytes, %d uncompressed",
                length,
                uncompressed));
      }
      requireMemory(length + uncompressed);
      byte[] bytes = stream.readNBytes((int) length);
      if (bytes.length < length) {
        throw new EOFException("the file ends inside a page");
      }
      if (page.isSetCrc()) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        if ((int) crc.getValue() != page.getCrc()) {
          throw new IOException("the checksum of a page is wrong");
        }
      }
      return bytes;
    }

    private void requireMemory(long bytes) {
      long memory = Runtime.getRuntime().maxMemory();
      if (bytes > MOST_OF_MEMORY * memory) {
        throw new OutOfMemoryError(
            String.format(
                Locale.ROOT,
                "a page of column %s takes %d MiB of %d MiB; writing the table with smaller pages"
                    + " (pyarrow: data_page_size, write_batch_size) helps too",
                chunk.getPath(),
                bytes >> 20,
                memory >> 20));
      }
    }

    private BytesInput decompressed(BytesInput bytes, int length) throws IOException {
      if (length < 0) {
        throw new IOException("a page is shorter than its levels");
      }
      return codecs.getDecompressor(chunk.getCodec()).decompress(bytes, length);
    }

    private static int positive(int count) throws IOException {
      if (count < 0) {
        throw new IOException("a page says that it has " + count + " values");
      }
      return count;
    }

    private Statistics<?> noStatistics() {
      return Statistics.getBuilderForReading(type).build();
    }

    private static Encoding encoding(org.apache.parquet.format.Encoding encoding)
        throws IOException {
      if (encoding == null) {
        throw new IOException("a page has an encoding that is not known");
      }
      return Encoding.valueOf(encoding.name());
    }

    private ParquetDecodingException damaged(IOException cause) {
      return new ParquetDecodingException(
          "Column " + chunk.getPath() + " is damaged: " + cause.getMessage(), cause);
    }
  }

  /** The bytes of a column chunk. Columns share one file, so each keeps its own position. */
  private final class ChunkStream extends InputStream {
    private final BufferedInputStream buffered;
    private final long end;
    private long filePosition;
    private long position;

    ChunkStream(long start, long length) {
      this.position = start;
      this.filePosition = start;
      this.end = start + length;
      this.buffered =
          new BufferedInputStream(
              new InputStream() {
                @Override
                public int read() throws IOException {
                  byte[] one = new byte[1];
                  return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
                }

                @Override
                public int read(byte[] bytes, int offset, int count) throws IOException {
                  int wanted = (int) Math.min(count, end - filePosition);
                  if (wanted <= 0) {
                    return -1;
                  }
                  file.seek(filePosition);
                  int read = file.read(bytes, offset, wanted);
                  filePosition += Math.max(0, read);
                  return read;
                }
              },
              (int) Math.max(1, Math.min(READ_AHEAD_BYTES, length)));
    }

    long left() {
      return end - position;
    }

    @Override
    public int read() throws IOException {
      int value = buffered.read();
      position += value < 0 ? 0 : 1;
      return value;
    }

    @Override
    public int read(byte[] bytes, int offset, int count) throws IOException {
      int read = buffered.read(bytes, offset, count);
      position += Math.max(0, read);
      return read;
    }
  }
}
