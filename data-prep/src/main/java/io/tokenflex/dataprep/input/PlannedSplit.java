package io.tokenflex.dataprep.input;

import io.tokenflex.dataprep.source.SourceFormat.RecordSink;
import io.tokenflex.dataprep.source.SourceSplit;
import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;

/**
 * A part of an input file that one task reads.
 *
 * @param number of the split in this run, from 0
 */
public record PlannedSplit(int number, InputFile file, SourceSplit split) implements Serializable {
  /** Reads the records of the split. */
  void read(Configuration configuration, RecordSink sink) throws IOException {
    file.format().read(file.open(configuration), split, file.input().options(), sink);
  }

  public String idPrefix() {
    return file.input().idPrefix();
  }
}
