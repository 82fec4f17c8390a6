package io.tokenflex.dataprep.input;

import io.tokenflex.dataprep.source.SourceFormat.RecordSink;
import java.io.IOException;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;

/**
 * Turns an out-of-memory error of a reading task into a message that names the setting to raise.
 */
public final class TaskMemory {
  private TaskMemory() {}

  /**
   * Reads a split. An OutOfMemoryError is converted to an IOException, because Spark would end the
   * executor without reporting the message.
   *
   * @throws IOException if storage fails, or memory does not suffice
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
