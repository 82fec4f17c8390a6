package io.tokenflex.dataprep.prepare;

import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.dedup.Fingerprint;
import io.tokenflex.dataprep.dedup.ImageFingerprint;
import io.tokenflex.dataprep.dedup.Precedence;
import io.tokenflex.dataprep.record.RecordIds;
import io.tokenflex.dataprep.storage.LiteralPath;
import io.tokenflex.digest.Digests;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Turn;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Reads from a dataset what a preparation needs: digests and texts, not images. */
final class PublishedSamples {
  private final SparkSession session;
  private final DatasetFolder folder;
  private final Manifest manifest;

  PublishedSamples(SparkSession session, DatasetFolder folder, Manifest manifest) {
    this.session = session;
    this.folder = folder;
    this.manifest = manifest;
  }

  /** Record digests from which the samples were made, see {@link RecordIds}. */
  JavaRDD<String> recordDigests() {
    return select("recordDigest").map(row -> row.getString(0));
  }

  JavaRDD<String> ids() {
    return select("id").map(row -> row.getString(0));
  }

  /**
   * Fingerprints for the search for duplicates.
   *
   * @param owner prefix of the ids, to distinguish datasets
   */
  JavaRDD<Fingerprint> fingerprints(String owner) {
    return select("id", "images.pixelsSha256", "images.perceptualHash", "conversation")
        .map(row -> fingerprint(owner, row));
  }

  private JavaRDD<Row> select(String first, String... others) {
    String[] shards =
        manifest.shards().stream()
            .map(shard -> LiteralPath.of(folder.pathOf(shard.file()).toString()))
            .toArray(String[]::new);
    return session.read().parquet(shards).select(first, others).toJavaRDD();
  }

  private static Fingerprint fingerprint(String owner, Row row) {
    List<String> pixels = row.getList(1);
    List<Long> hashes = row.getList(2);
    List<ImageFingerprint> images = new ArrayList<>();
    for (int i = 0; i < pixels.size(); i++) {
      images.add(new ImageFingerprint(pixels.get(i), hashes.get(i)));
    }
    List<Turn> conversation = new ArrayList<>();
    for (Row turn : row.<Row>getList(3)) {
      conversation.add(new Turn(Role.ofWireName(turn.getString(0)), turn.getString(1)));
    }
    return new Fingerprint(
        owner + row.getString(0), new Precedence(0, 0, 0), digest(conversation), images);
  }

  /** Digest of a conversation's roles and texts. */
  static String digest(List<Turn> conversation) {
    StringBuilder text = new StringBuilder();
    for (Turn turn : conversation) {
      // NUL separates turns; texts cannot contain it.
      text.append(turn.role().wireName()).append('\0').append(turn.text()).append('\0');
    }
    return Digests.sha256Hex(text.toString());
  }
}
