package io.tokenflex.dataprep.source;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.dataprep.record.LostPart;
import io.tokenflex.dataprep.record.RecordRejectedException;
import io.tokenflex.dataprep.record.RejectReason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.parquet.ParquetRuntimeException;

/** Parquet tables with embedded images, as on the Hugging Face hub. Each row group is a split. */
final class ParquetFormat implements SourceFormat {
  private static final long serialVersionUID = 1;
  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);

  @Override
  public String name() {
    return "parquet";
  }

  @Override
  public boolean recognises(String fileName, byte[] head) {
    return fileName.endsWith(".parquet")
        || Arrays.equals(head, 0, Math.min(head.length, MAGIC.length), MAGIC, 0, MAGIC.length);
  }

  @Override
  public List<SourceSplit> plan(SourceFile file, SourceOptions options) throws IOException {
    try (ParquetRows rows = new ParquetRows(file, options)) {
      try {
        rows.open();
      } catch (IOException | RuntimeException e) {
        rows.throwIfStorageFailed();
        // The task rejects it, so that one damaged file does not stop the others.
        return List.of(new SourceSplit(0, 0, SourceSplit.UNKNOWN));
      }
      RecordFields.checkColumns(file, rows.columns(), rows.columnsOfBytes(), options);
      List<SourceSplit> splits = new ArrayList<>();
      long position = 0;
      int rowGroup = 0;
      for (long numRows : rows.rowGroups()) {
        if (numRows > 0) { // pyarrow writes an empty table as an empty row group
          splits.add(new SourceSplit(rowGroup, position, numRows));
        }
        rowGroup++;
        position += numRows;
      }
      return splits;
    }
  }

  /** Whether a table has no images but the columns of img2dataset's download log. */
  static boolean isLogOfImg2Dataset(SourceFile file) throws IOException {
    try (ParquetRows rows = new ParquetRows(file, SourceOptions.usual())) {
      try {
        rows.open();
      } catch (IOException | RuntimeException e) {
        rows.throwIfStorageFailed();
        return false;
      }
      return rows.columns().containsAll(List.of("url", "key", "status"))
          && rows.columnsOfBytes().isEmpty();
    }
  }

  @Override
  public void read(SourceFile file, SourceSplit split, SourceOptions options, RecordSink sink)
      throws IOException {
    try (ParquetRows rows = new ParquetRows(file, options)) {
      long position = split.firstPosition();
      long end = position + split.numRecords();
      try {
        rows.open();
        if (split.numRecords() == SourceSplit.UNKNOWN) {
          throw new IOException("its footer was damaged when the run began, now it is not");
        }
        rows.startRowGroup((int) split.offset());
      } catch (IOException | RuntimeException e) {
        rows.throwIfStorageFailed();
        sink.accept(unreadable(position, end, e));
        return;
      }
      for (; position < end; position++) {
        ObjectNode row;
        try {
          row = rows.next();
        } catch (RuntimeException e) {
          rows.throwIfStorageFailed();
          sink.accept(unreadable(position, end, e));
          return;
        }
        sink.accept(parse(position, row, options));
      }
    }
  }

  private static ReadRecord parse(long position, ObjectNode row, SourceOptions options) {
    try {
      return new ReadRecord.Parsed(position, RecordFields.parse(row, options));
    } catch (RecordRejectedException e) {
      return ReadRecord.Malformed.of(position, RecordFields.id(row, options), e);
    }
  }

  private static ReadRecord unreadable(long position, long end, Exception damage) {
    boolean isRowGroup = end > position;
    String lost =
        isRowGroup
            ? String.format(Locale.ROOT, "%d rows from here on", end - position)
            : "The file";
    return ReadRecord.Malformed.ofPart(
        position,
        isRowGroup ? LostPart.ofRecords(end - position) : LostPart.FILE,
        new RecordRejectedException(
            RejectReason.UNREADABLE_FILE,
            lost + " cannot be read as Parquet: " + causes(damage),
            ""));
  }

  /** Messages of the chain of causes; Parquet nests up to three exceptions. */
  private static String causes(Throwable damage) {
    return Stream.iterate(damage, cause -> cause != null, Throwable::getCause)
        .map(ParquetFormat::inWords)
        .distinct()
        .collect(Collectors.joining(": "));
  }

  /**
   * The message of an exception. Unchecked exceptions of decoders are symptoms of inconsistent
   * data, so their own messages are replaced.
   */
  private static String inWords(Throwable cause) {
    boolean isSaid = cause instanceof IOException || cause instanceof ParquetRuntimeException;
    return isSaid && cause.getMessage() != null
        ? cause.getMessage()
        : "its values do not fit together";
  }
}
