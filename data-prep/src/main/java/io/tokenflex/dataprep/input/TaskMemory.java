package io.tokenflex.dataprep.input;

import io.tokenflex.dataprep.source.SourceFormat.RecordSink;
import java.io.IOException;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;

/** Says which setting helps when a task has too little memory for what it reads. */
public final class TaskMemory {
  private TaskMemory() {}

  /**
   * Reads a split. An executor that runs out of memory ends without a word about why; a task that
   * does tells it.
   *
   * @throws IOException if storage fails, or the memory does not suffice
   */
  public static void read(PlannedSplit split, Configuration configuration, RecordSink sink)
      throws IOException {
    long[] numRead = {0};
    try {
      split.read(
          configuration,
          read -> {
            sink.accept(read);
            numRead[0]++;
          });
    } catch (OutOfMemoryError e) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "Reading %s took more memory than there is, at record %d (%s). An executor has %d MiB"
                  + " for all of its tasks: raise cluster.executorMemory, or give it fewer tasks at"
                  + " once (cluster.coresPerExecutor)",
              split.file().path(),
              split.split().firstPosition() + numRead[0],
              e.getMessage(),
              Runtime.getRuntime().maxMemory() >> 20),
          e);
    }
  }
}
