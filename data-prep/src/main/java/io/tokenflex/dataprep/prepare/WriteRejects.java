package io.tokenflex.dataprep.prepare;

import io.tokenflex.dataprep.dataset.DatasetLayout;
import io.tokenflex.dataprep.record.CheckedRecord.Rejected;
import io.tokenflex.dataprep.shard.RejectsWriter;
import java.io.IOException;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/** Task: writes the rejects table to a file that is unique to the attempt. */
final class WriteRejects implements FlatMapFunction<Iterator<Rejected>, WriteRejects.Written> {
  private static final long serialVersionUID = 1;

  private final String runFolder;
  private final Broadcast<SerializableConfiguration> hadoop;

  /**
   * The file written by one task attempt.
   *
   * @param attemptPath its path until the driver renames it
   * @param recordsByReason number of rejected records
   * @param firstByReason description of the first reject of each reason
   */
  record Written(
      String attemptPath,
      TreeMap<String, Long> recordsByReason,
      TreeMap<String, String> firstByReason)
      implements Serializable {}

  WriteRejects(String runFolder, Broadcast<SerializableConfiguration> hadoop) {
    this.runFolder = runFolder;
    this.hadoop = hadoop;
  }

  @Override
  public Iterator<Written> call(Iterator<Rejected> rejects) throws IOException {
    Configuration configuration = hadoop.value().value();
    Path attemptPath =
        new Path(runFolder, DatasetLayout.REJECTS + "." + TaskContext.get().taskAttemptId());
    TreeMap<String, Long> recordsByReason = new TreeMap<>();
    TreeMap<String, String> firstByReason = new TreeMap<>();
    try (RejectsWriter writer =
        new RejectsWriter(attemptPath.getFileSystem(configuration), attemptPath)) {
      while (rejects.hasNext()) {
        Rejected rejected = rejects.next();
        writer.write(rejected);
        String reason = rejected.reason().name();
        recordsByReason.merge(reason, rejected.lost().records(), Long::sum);
        firstByReason.computeIfAbsent(reason, first -> inWords(rejected));
      }
      writer.finish();
    }
    return List.of(new Written(attemptPath.toString(), recordsByReason, firstByReason)).iterator();
  }

  private static String inWords(Rejected rejected) {
    return String.format(
        Locale.ROOT,
        "record %d of %s: %s%s",
        rejected.place().position(),
        rejected.sourceFile(),
        rejected.detail(),
        rejected.valueSample().isEmpty() ? "" : " (" + rejected.valueSample() + ")");
  }
}
