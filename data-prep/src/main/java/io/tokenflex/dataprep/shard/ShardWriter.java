package io.tokenflex.dataprep.shard;

import static io.tokenflex.dataprep.shard.ShardSchema.BYTES;
import static io.tokenflex.dataprep.shard.ShardSchema.CONVERSATION;
import static io.tokenflex.dataprep.shard.ShardSchema.HEIGHT;
import static io.tokenflex.dataprep.shard.ShardSchema.ID;
import static io.tokenflex.dataprep.shard.ShardSchema.IMAGES;
import static io.tokenflex.dataprep.shard.ShardSchema.KEY;
import static io.tokenflex.dataprep.shard.ShardSchema.KEY_VALUE;
import static io.tokenflex.dataprep.shard.ShardSchema.LIST;
import static io.tokenflex.dataprep.shard.ShardSchema.METADATA;
import static io.tokenflex.dataprep.shard.ShardSchema.PERCEPTUAL_HASH;
import static io.tokenflex.dataprep.shard.ShardSchema.PIXELS_SHA256;
import static io.tokenflex.dataprep.shard.ShardSchema.RECORD_DIGEST;
import static io.tokenflex.dataprep.shard.ShardSchema.ROLE;
import static io.tokenflex.dataprep.shard.ShardSchema.SHA256;
import static io.tokenflex.dataprep.shard.ShardSchema.SOURCE;
import static io.tokenflex.dataprep.shard.ShardSchema.STORED;
import static io.tokenflex.dataprep.shard.ShardSchema.TEXT;
import static io.tokenflex.dataprep.shard.ShardSchema.VALUE;
import static io.tokenflex.dataprep.shard.ShardSchema.WIDTH;

import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Sample;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.GroupType;

/** Writes samples to one Parquet file. Deterministic: equal samples give equal bytes. */
public final class ShardWriter implements Closeable {
  private final DigestOutputFile file;
  private final RowGroupWriter<StoredSample> writer;
  private final int rowsPerRowGroup;
  private long rows;
  private long images;

  /** Creates the file, which must not exist. */
  public ShardWriter(FileSystem fileSystem, Path path, int rowsPerRowGroup) throws IOException {
    this.rowsPerRowGroup = rowsPerRowGroup;
    this.file = new DigestOutputFile(fileSystem, path);
    this.writer = new RowGroupWriter<>(file, new SampleWriting(), rowsPerRowGroup);
  }

  public void write(StoredSample stored) throws IOException {
    writer.write(stored);
    rows++;
    images += stored.sample().images().size();
  }

  /** Ends the current row group early. */
  public void endRowGroup() throws IOException {
    writer.endRowGroup();
  }

  /**
   * Completes the file.
   *
   * @param name path under which the manifest will list the shard
   * @return the shard's manifest entry
   */
  public Manifest.Shard finish(String name) throws IOException {
    List<Integer> uneven = writer.finish();
    int rowGroups =
        uneven.isEmpty()
            ? Math.toIntExact((rows + rowsPerRowGroup - 1) / rowsPerRowGroup)
            : uneven.size();
    return new Manifest.Shard(name, rows, rowGroups, images, file.length(), file.sha256(), uneven);
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }

  private static final class SampleWriting extends RecordWriting<StoredSample> {
    private static final GroupType IMAGE = elementOf(IMAGES);
    private static final GroupType TURN = elementOf(CONVERSATION);
    private static final GroupType ENTRY =
        STORED.getType(METADATA).asGroupType().getType(KEY_VALUE).asGroupType();

    SampleWriting() {
      super(STORED);
    }

    private static GroupType elementOf(String list) {
      return STORED
          .getType(list)
          .asGroupType()
          .getType(LIST)
          .asGroupType()
          .getType(ShardSchema.ELEMENT)
          .asGroupType();
    }

    @Override
    void writeFields(StoredSample stored) {
      Sample sample = stored.sample();
      text(STORED, ID, sample.id());
      repeated(STORED, IMAGES, LIST, sample.images().size(), () -> images(stored));
      repeated(STORED, CONVERSATION, LIST, sample.conversation().size(), () -> turns(sample));
      text(STORED, SOURCE, sample.source());
      repeated(STORED, METADATA, KEY_VALUE, sample.metadata().size(), () -> metadata(sample));
      text(STORED, RECORD_DIGEST, stored.recordDigest());
    }

    private void images(StoredSample stored) {
      for (int i = 0; i < stored.identities().size(); i++) {
        EncodedImage image = stored.sample().images().get(i);
        StoredSample.ImageIdentity identity = stored.identities().get(i);
        element(
            () -> {
              bytes(IMAGE, BYTES, Binary.fromConstantByteArray(image.bytes()));
              int32(IMAGE, WIDTH, image.width());
              int32(IMAGE, HEIGHT, image.height());
              text(IMAGE, SHA256, image.sha256());
              text(IMAGE, PIXELS_SHA256, identity.pixelsSha256());
              int64(IMAGE, PERCEPTUAL_HASH, identity.perceptualHash());
            });
      }
    }

    private void turns(Sample sample) {
      sample
          .conversation()
          .forEach(
              turn ->
                  element(
                      () -> {
                        text(TURN, ROLE, turn.role().wireName());
                        text(TURN, TEXT, turn.text());
                      }));
    }

    private void metadata(Sample sample) {
      // Sorted, because the order of unordered maps differs between JVMs.
      new TreeMap<>(sample.metadata())
          .forEach(
              (key, value) ->
                  item(
                      () -> {
                        text(ENTRY, KEY, key);
                        text(ENTRY, VALUE, value);
                      }));
    }
  }
}
