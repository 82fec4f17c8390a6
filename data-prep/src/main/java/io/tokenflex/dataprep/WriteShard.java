package io.tokenflex.dataprep;

import io.tokenflex.data.EncodedImage;
import io.tokenflex.data.Sample;
import io.tokenflex.data.Turn;
import io.tokenflex.dataprep.shard.DatasetLayout;
import io.tokenflex.dataprep.shard.ShardWriter;
import io.tokenflex.dataprep.source.Digests;
import io.tokenflex.dataprep.source.ImageFolder;
import io.tokenflex.dataprep.validate.CheckedImage;
import io.tokenflex.dataprep.validate.CheckedRecord.Accepted;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/**
 * Task: writes one shard. The file is named after the task attempt, so attempts never meet; the
 * driver hears of exactly one for each shard.
 */
final class WriteShard
    implements Function2<Integer, Iterator<Tuple2<Long, Accepted>>, Iterator<WrittenShard>> {
  private static final long serialVersionUID = 1;

  /** Folder of the attempts' files within the staging folder. */
  static final String ATTEMPTS = "attempts";

  private final PrepareConfig config;
  private final String staging;
  private final Broadcast<SerializableConfiguration> hadoop;

  WriteShard(PrepareConfig config, String staging, Broadcast<SerializableConfiguration> hadoop) {
    this.config = config;
    this.staging = staging;
    this.hadoop = hadoop;
  }

  @Override
  public Iterator<WrittenShard> call(Integer shard, Iterator<Tuple2<Long, Accepted>> records)
      throws IOException {
    Configuration configuration = hadoop.value().value();
    Path imageRoot = new Path(config.imageFolder());
    ImageFolder images = new ImageFolder(imageRoot.getFileSystem(configuration), imageRoot);
    String name = DatasetLayout.shardName(shard);
    Path attemptPath =
        new Path(new Path(staging, ATTEMPTS), name + "." + TaskContext.get().taskAttemptId());
    FileSystem fileSystem = attemptPath.getFileSystem(configuration);
    try (ShardWriter writer = new ShardWriter(fileSystem, attemptPath, config.rowsPerRowGroup())) {
      while (records.hasNext()) {
        writer.write(sample(records.next()._2(), images));
      }
      return List.of(new WrittenShard(attemptPath.toString(), writer.finish(name))).iterator();
    }
  }

  private Sample sample(Accepted record, ImageFolder images) throws IOException {
    List<EncodedImage> encoded = new ArrayList<>();
    for (CheckedImage image : record.images()) {
      byte[] bytes = images.read(image.name(), config.maxImageBytes());
      if (!Digests.sha256Hex(bytes).equals(image.sha256())) {
        throw new IOException(
            "Image %s of record %s changed while the dataset was prepared; run again"
                .formatted(image.name(), record.llava().id()));
      }
      encoded.add(new EncodedImage(bytes, image.width(), image.height(), image.sha256()));
    }
    List<Turn> conversation =
        record.llava().conversation().stream()
            .map(turn -> new Turn(turn.role(), turn.text()))
            .toList();
    String source = "%s record %d".formatted(new Path(config.input()).getName(), record.position());
    return new Sample(
        record.llava().id(), encoded, conversation, source, record.llava().metadata());
  }
}
