package io.tokenflex.dataprep;

import io.tokenflex.dataprep.record.SourceRecord;
import io.tokenflex.dataprep.source.ReadRecord;
import io.tokenflex.dataprep.source.ReadRecord.Parsed;
import io.tokenflex.dataprep.source.SourceFormat.RecordSink;
import io.tokenflex.dataprep.source.SourceSplit;
import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;

/**
 * A part of an input file that one task reads.
 *
 * @param number of the split in this run, counted from 0
 */
record PlannedSplit(int number, InputFile file, SourceSplit split) implements Serializable {
  /** Reads the records under the ids that the dataset will know. */
  void read(Configuration configuration, RecordSink sink) throws IOException {
    file.format()
        .read(
            file.open(configuration),
            split,
            file.input().options(),
            read -> sink.accept(withPrefix(read)));
  }

  private ReadRecord withPrefix(ReadRecord read) {
    String prefix = file.input().idPrefix();
    if (prefix.isEmpty() || !(read instanceof Parsed parsed)) {
      return read;
    }
    SourceRecord record = parsed.record();
    return new Parsed(
        read.position(),
        new SourceRecord(
            prefix + record.id(), record.images(), record.conversation(), record.metadata()));
  }
}
