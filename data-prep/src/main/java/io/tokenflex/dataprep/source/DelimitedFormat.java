package io.tokenflex.dataprep.source;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.dataprep.record.LostPart;
import io.tokenflex.dataprep.record.RecordRejectedException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

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

  /** Column names in the first line; empty if there is none. */
  static List<String> columns(byte[] head, char separator) {
    DelimitedReader reader =
        new DelimitedReader(
            new ByteArrayInputStream(head), separator, QuoteEscape.DOUBLED, 0, head.length);
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
    Optional<QuoteEscape> asked = QuoteEscape.named(options.escape());
    QuoteEscape likelier = asked.orElse(QuoteEscape.ofFileNamed(file.name()));
    Walk walk = Walk.of(table, likelier);
    if (asked.isEmpty() && walk.numBroken() > 0) {
      Walk otherwise = Walk.of(table, likelier.other());
      walk = otherwise.numBroken() < walk.numBroken() ? otherwise : walk;
    }
    return walk.splits();
  }

  /** Splits and number of broken records under one convention for quotes. */
  private record Walk(List<SourceSplit> splits, long numBroken) {
    static Walk of(DelimitedFile table, QuoteEscape escape) throws IOException {
      SplitCollector splits = new SplitCollector();
      long[] numBroken = {0};
      table.walk(
          escape,
          0,
          record -> {
            splits.add(record.recordOffset());
            numBroken[0] += table.isBroken(record) ? 1 : 0;
          });
      return new Walk(
          splits.finish().stream().map(split -> split.withDialect(escape.name())).toList(),
          numBroken[0]);
    }
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
      LostPart lost = DelimitedFile.lost(record);
      return lost.equals(LostPart.ONE_RECORD)
          ? ReadRecord.Malformed.of(position, id, e)
          : ReadRecord.Malformed.ofPart(position, lost, e);
    }
  }
}
