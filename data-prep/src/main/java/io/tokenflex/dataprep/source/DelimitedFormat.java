package io.tokenflex.dataprep.source;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.dataprep.record.RecordRejectedException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;

/** CSV and TSV tables of image names and texts. */
final class DelimitedFormat implements SourceFormat {
  static final DelimitedFormat CSV = new DelimitedFormat("csv", ',');
  static final DelimitedFormat TSV = new DelimitedFormat("tsv", '\t');
  private static final long serialVersionUID = 1;

  private final String name;
  private final char separator;

  private DelimitedFormat(String name, char separator) {
    this.name = name;
    this.separator = separator;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean recognises(String fileName, byte[] head) {
    return fileName.endsWith('.' + name) && columns(head, separator).size() > 1;
  }

  /** The columns named by the first line of a file; empty if it has none. */
  static List<String> columns(byte[] head, char separator) {
    DelimitedReader reader =
        new DelimitedReader(new ByteArrayInputStream(head), separator, 0, head.length);
    try {
      boolean hasHeader = reader.next() && !reader.isQuoteOpen();
      return hasHeader ? DelimitedFile.header(reader.fields()) : List.of();
    } catch (IOException e) {
      throw new IllegalStateException("Memory does not fail", e);
    }
  }

  @Override
  public List<SourceSplit> plan(SourceFile file, SourceOptions options) throws IOException {
    DelimitedFile table = DelimitedFile.open(file, separator);
    RecordFields.checkColumns(file, table.columns(), List.of(), options);
    SplitCollector splits = new SplitCollector();
    table.walk(0, record -> splits.add(record.recordOffset()));
    return splits.finish();
  }

  @Override
  public void read(SourceFile file, SourceSplit split, SourceOptions options, RecordSink sink)
      throws IOException {
    DelimitedFile table = DelimitedFile.open(file, separator);
    long[] position = {split.firstPosition()};
    table.read(split, record -> sink.accept(parse(table, position[0]++, record, options)));
  }

  private static ReadRecord parse(
      DelimitedFile table, long position, DelimitedReader record, SourceOptions options) {
    String id = "";
    try {
      ObjectNode fields = table.fields(record);
      id = RecordFields.id(fields, options);
      return new ReadRecord.Parsed(position, RecordFields.parse(fields, options));
    } catch (RecordRejectedException e) {
      return ReadRecord.Malformed.of(position, id, e);
    }
  }
}
