package io.tokenflex.dataprep.prepare;

import io.tokenflex.dataprep.dataset.DatasetLayout;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.judge.JudgedShare;
import io.tokenflex.dataprep.judge.SampleFaults;
import io.tokenflex.dataprep.judge.SampleJudge;
import io.tokenflex.dataprep.order.AcceptedRecords;
import io.tokenflex.dataprep.pack.PackReader;
import io.tokenflex.dataprep.pack.PackedImage;
import io.tokenflex.dataprep.record.CheckedRecord.Accepted;
import io.tokenflex.dataprep.shard.ShardWriter;
import io.tokenflex.dataprep.shard.StoredSample;
import io.tokenflex.dataprep.shard.StoredSample.ImageIdentity;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Sample;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/**
 * Task: writes one shard to a file that is unique to the attempt. The driver receives one result
 * per shard and lists that file in the manifest. Files are not renamed, because object stores would
 * copy them.
 */
final class WriteShard
    implements Function2<Integer, Iterator<Tuple2<Long, Accepted>>, Iterator<WriteShard.Written>> {
  private static final long serialVersionUID = 1;

  private final int rowsPerRowGroup;
  private final long maxRowGroupBytes;
  private final String run;
  private final String runFolder;
  private final Broadcast<SampleJudge> judge;
  private final long numSamples;
  private final Broadcast<SerializableConfiguration> hadoop;

  /** A shard and the judge's result for its samples. */
  record Written(Manifest.Shard shard, SampleFaults faults) implements Serializable {}

  /**
   * Creates the task.
   *
   * @param rowsPerRowGroup maximum rows of a row group
   * @param maxRowGroupBytes maximum bytes of a row group with more than one row
   * @param run name of the run's folder within the dataset folder
   * @param runFolder its full path
   * @param judge judges a share of the samples
   * @param numSamples total of all shards of the run
   */
  WriteShard(
      int rowsPerRowGroup,
      long maxRowGroupBytes,
      String run,
      String runFolder,
      Broadcast<SampleJudge> judge,
      long numSamples,
      Broadcast<SerializableConfiguration> hadoop) {
    this.rowsPerRowGroup = rowsPerRowGroup;
    this.maxRowGroupBytes = maxRowGroupBytes;
    this.run = run;
    this.runFolder = runFolder;
    this.judge = judge;
    this.numSamples = numSamples;
    this.hadoop = hadoop;
  }

  @Override
  public Iterator<Written> call(Integer shard, Iterator<Tuple2<Long, Accepted>> records)
      throws IOException {
    Configuration configuration = hadoop.value().value();
    TaskContext task = TaskContext.get();
    String name = DatasetLayout.shardName(shard, task.stageAttemptNumber(), task.attemptNumber());
    Path path = new Path(runFolder, name);
    FileSystem fileSystem = path.getFileSystem(configuration);
    try (PackReader packs = new PackReader(configuration);
        JudgedShare judged = new JudgedShare(judge.value(), numSamples);
        ShardWriter writer = new ShardWriter(fileSystem, path, rowsPerRowGroup)) {
      List<Tuple2<Long, Accepted>> rowGroup = new ArrayList<>();
      long bytes = 0;
      while (records.hasNext()) {
        Tuple2<Long, Accepted> record = records.next();
        long recordBytes = AcceptedRecords.bytesOf(record._2());
        boolean isFull =
            rowGroup.size() == rowsPerRowGroup || bytes + recordBytes > maxRowGroupBytes;
        if (isFull && !rowGroup.isEmpty()) {
          write(rowGroup, bytes, packs, judged, writer);
          rowGroup.clear();
          bytes = 0;
        }
        rowGroup.add(record);
        bytes += recordBytes;
      }
      if (!rowGroup.isEmpty()) {
        write(rowGroup, bytes, packs, judged, writer);
      }
      return List.of(new Written(writer.finish(run + "/" + name), judged.faults())).iterator();
    }
  }

  private void write(
      List<Tuple2<Long, Accepted>> rowGroup,
      long numBytes,
      PackReader packs,
      JudgedShare judged,
      ShardWriter writer)
      throws IOException {
    try {
      IdentityHashMap<PackedImage, byte[]> bytes =
          packs.read(rowGroup.stream().flatMap(record -> record._2().images().stream()).toList());
      for (Tuple2<Long, Accepted> record : rowGroup) {
        StoredSample stored = stored(record._2(), bytes);
        writer.write(stored);
        judged.see(record._1(), stored.sample());
      }
      writer.endRowGroup();
    } catch (OutOfMemoryError e) {
      // Not as the cause: Spark would end the executor before the message is reported.
      throw new IOException(outOfMemory(rowGroup.size(), numBytes, maxRowGroupBytes));
    }
  }

  /**
   * Message with the settings to change. A row group occupies two to three times its size while it
   * is written.
   */
  static String outOfMemory(int numRows, long numBytes, long maxRowGroupBytes) {
    long heap = Runtime.getRuntime().maxMemory();
    return String.format(
        Locale.ROOT,
        "Out of memory while a row group of %d samples and %d MiB was written in a heap of %d MiB that all tasks of"
            + " the executor share: raise spark.executor.memory (spark.driver.memory with master local[n]), lower"
            + " spark.executor.cores, or lower prepare.maxRowGroupBytes (%d MiB)",
        numRows,
        numBytes >> 20,
        heap >> 20,
        maxRowGroupBytes >> 20);
  }

  private static StoredSample stored(Accepted record, IdentityHashMap<PackedImage, byte[]> bytes) {
    List<EncodedImage> encoded = new ArrayList<>();
    List<ImageIdentity> identities = new ArrayList<>();
    for (PackedImage image : record.images()) {
      encoded.add(
          new EncodedImage(bytes.get(image), image.width(), image.height(), image.sha256()));
      identities.add(new ImageIdentity(image.pixelsSha256(), image.perceptualHash()));
    }
    String source =
        String.format(
            Locale.ROOT,
            "%s record %d",
            new Path(record.sourceFile()).getName(),
            record.place().position());
    return new StoredSample(
        new Sample(record.id(), encoded, record.conversation(), source, record.metadata()),
        record.recordDigest(),
        identities);
  }
}
