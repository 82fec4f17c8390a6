package io.tokenflex.dataprep.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.prepare.DatasetPreparation;
import io.tokenflex.dataprep.shard.ShardWriter;
import io.tokenflex.dataprep.shard.StoredSample;
import io.tokenflex.dataprep.shard.StoredSample.ImageIdentity;
import io.tokenflex.dataprep.testing.LlavaFolder;
import io.tokenflex.dataprep.testing.LocalSpark;
import io.tokenflex.digest.Digests;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.Turn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damages a small dataset in every way that can be told, and one way at a time. */
class DatasetVerificationTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static SparkSession spark;

  @TempDir Path folder;
  private LlavaFolder llava;
  private Path root;
  private DatasetFolder dataset;

  @BeforeAll
  static void startSpark() {
    spark = LocalSpark.start(2);
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
  }

  /** Two shards in version 1, one more in version 2. */
  @BeforeEach
  void prepareTwoVersions() throws IOException {
    llava = new LlavaFolder(folder).addValid(12).addLine("broken");
    DatasetPreparation.prepare(spark, llava.asLines().build());
    DatasetPreparation.prepare(spark, llava.add(llava.record("new")).asLines().build());
    root = folder.resolve("out/dataset");
    dataset = DatasetFolder.at(root.toUri().toString(), new Configuration());
  }

  private Verification verify() throws IOException {
    return DatasetVerification.verify(spark, dataset.toString(), Optional.empty());
  }

  private List<String> faults() throws IOException {
    return verify().faults().stream().map(Fault::toString).toList();
  }

  private Path shard(int version, int shard) throws IOException {
    return root.resolve(dataset.read(version).shards().get(shard).file());
  }

  /** What a disk does: the checksum file beside the damaged one is gone, too. */
  private static void overwrite(Path file, byte[] bytes) throws IOException {
    Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
    Files.write(file, bytes);
  }

  private void edit(int version, Consumer<ObjectNode> change) throws IOException {
    Path file = root.resolve(String.format(Locale.ROOT, "versions/%05d.json", version));
    ObjectNode manifest = (ObjectNode) JSON.readTree(file.toFile());
    change.accept(manifest);
    Files.writeString(file, JSON.writeValueAsString(manifest));
  }

  private static ObjectNode shardOf(ObjectNode manifest, int shard) {
    return (ObjectNode) manifest.get("shards").get(shard);
  }

  /** Replaces the newest version's own shard and lets its manifest know. */
  private void replaceNewShard(Sample... samples) throws IOException {
    Manifest manifest = dataset.read(2);
    int last = manifest.shards().size() - 1;
    Manifest.Shard old = manifest.shards().get(last);
    dataset.fileSystem().delete(dataset.pathOf(old.file()), false);
    Manifest.Shard written;
    try (ShardWriter writer =
        new ShardWriter(dataset.fileSystem(), dataset.pathOf(old.file()), 4)) {
      for (Sample sample : samples) {
        List<ImageIdentity> identities =
            sample.images().stream().map(image -> new ImageIdentity("", 0)).toList();
        writer.write(new StoredSample(sample, "digest", identities));
      }
      written = writer.finish(old.file());
    }
    edit(
        2,
        json -> {
          json.put("rows", manifest.rows() - old.rows() + written.rows());
          json.put("images", manifest.images() - old.images() + written.images());
          json.put("bytes", manifest.bytes() - old.bytes() + written.bytes());
          ObjectNode run = (ObjectNode) json.get("run");
          run.put("rows", written.rows());
          run.put("inputRows", manifest.run().inputRows() - old.rows() + written.rows());
          ((com.fasterxml.jackson.databind.node.ArrayNode) json.get("shards"))
              .set(last, JSON.valueToTree(written));
        });
  }

  private static Sample sample(String id, String imageSha256) {
    byte[] picture = LlavaFolder.pictureBytes("png", 5);
    String sha256 = imageSha256.isEmpty() ? Digests.sha256Hex(picture) : imageSha256;
    return new Sample(
        id,
        List.of(new EncodedImage(picture, 24, 16, sha256)),
        List.of(new Turn(Role.USER, "<image>What?"), new Turn(Role.ASSISTANT, "That.")),
        "test",
        Map.of());
  }

  @Test
  void anIntactDatasetHasNoFaultAndSharedShardsAreReadOnce() throws IOException {
    Verification verification = verify();
    assertThat(verification.faults()).isEmpty();
    assertThat(verification.isIntact()).isTrue();
    assertThat(verification.toOneLine()).isEqualTo("3 shards, 13 samples, 13 images: no fault");
    assertThat(verification.versions()).containsExactly(1, 2);
  }

  @Test
  void oneVersionCanBeVerifiedAlone() throws IOException {
    Files.delete(shard(2, 2));
    Verification first = DatasetVerification.verify(spark, dataset.toString(), Optional.of(1));
    assertThat(first.toOneLine()).isEqualTo("2 shards, 12 samples, 12 images: no fault");
    assertThat(verify().isIntact()).isFalse();
  }

  @Test
  void aLostShardIsNamed() throws IOException {
    String file = dataset.read(1).shards().get(1).file();
    Files.delete(root.resolve(file));
    assertThat(faults()).containsExactly(file + ": there is no such file");
  }

  @Test
  void aShardCutOffIsNamed() throws IOException {
    Path shard = shard(1, 0);
    byte[] bytes = Files.readAllBytes(shard);
    overwrite(shard, Arrays.copyOf(bytes, bytes.length - 100));
    assertThat(faults())
        .anyMatch(fault -> fault.contains("it is cut off or was replaced"))
        .anyMatch(fault -> fault.contains("its sha256 is"))
        .anyMatch(fault -> fault.contains("footer: it cannot be read"))
        .allMatch(fault -> fault.contains("shard-00000.parquet"));
  }

  @Test
  void aFlippedBitIsNamedWithItsRowGroup() throws IOException {
    Path shard = shard(1, 0);
    byte[] bytes = Files.readAllBytes(shard);
    bytes[2000] ^= 1;
    overwrite(shard, bytes);
    assertThat(faults())
        .anyMatch(fault -> fault.contains("its sha256 is"))
        .anyMatch(fault -> fault.contains("row group 0, row 0: it cannot be read"));
  }

  @Test
  void aFileThatItsChecksumFileContradictsIsNamed() throws IOException {
    Path shard = shard(1, 0);
    byte[] bytes = Files.readAllBytes(shard);
    bytes[2000] ^= 1;
    Files.write(shard, bytes);
    assertThat(faults()).anyMatch(fault -> fault.contains("it cannot be read to its end"));
  }

  @Test
  void anImageThatIsNotItsDigestIsNamedWithItsSample() throws IOException {
    replaceNewShard(sample("fine", ""), sample("wrong", "00ff"));
    assertThat(faults())
        .singleElement()
        .asString()
        .contains("row group 0, row 1, sample wrong: the sha256 of image 0 is ")
        .endsWith("expected 00ff");
  }

  @Test
  void anIdThatStandsTwiceInAVersionIsNamedWithBothPlaces() throws IOException {
    replaceNewShard(sample("sample-0003", ""));
    assertThat(faults())
        .singleElement()
        .asString()
        .startsWith(
            "versions/00002.json: the id sample-0003 stands at 2 places, such as data/00001")
        .contains(" and data/00002", "row group 0, row 0");
  }

  @Test
  void versionsMadeAnewMayHoldTheSameIds() throws IOException {
    DatasetPreparation.prepare(spark, llava.asLines().seed(9).overwriting().build());
    assertThat(faults()).isEmpty();
  }

  @Test
  void rowsRowGroupsAndImagesOtherThanStatedAreNamed() throws IOException {
    edit(
        1,
        manifest -> {
          ObjectNode first = shardOf(manifest, 0);
          ObjectNode second = shardOf(manifest, 1);
          first.put("rows", first.get("rows").asInt() + 1);
          second.put("rows", second.get("rows").asInt() - 1);
          first.put("images", first.get("images").asInt() + 1);
          second.put("images", second.get("images").asInt() - 1);
          first.put("rowGroups", 7);
        });
    Verification first = DatasetVerification.verify(spark, dataset.toString(), Optional.of(1));
    assertThat(first.faults().stream().map(Fault::toString))
        .anyMatch(fault -> fault.endsWith("row groups but the manifest says 7"))
        .anyMatch(fault -> fault.contains("footer: it has 8 rows but the manifest says 9"))
        .anyMatch(fault -> fault.contains("it has 8 images but the manifest says 9"))
        .anyMatch(fault -> fault.contains("it has 4 rows, expected 3"));
  }

  @Test
  void sumsThatDoNotAgreeAreNamed() throws IOException {
    edit(2, manifest -> manifest.put("rows", 99));
    assertThat(faults())
        .singleElement()
        .asString()
        .startsWith("versions/00002.json: ")
        .contains("rows 99 but its parts add up to 13");
  }

  @Test
  void rejectsOtherThanStatedAreNamed() throws IOException {
    edit(
        1,
        manifest -> {
          ObjectNode run = (ObjectNode) manifest.get("run");
          run.set("rejects", JSON.createObjectNode().put("IMAGE_MISSING", 1));
        });
    String table = dataset.read(1).run().rejectsFile();
    assertThat(faults())
        .containsExactly(
            table + ": it holds {MALFORMED_RECORD=1} but the manifest says {IMAGE_MISSING=1}");
    Files.delete(root.resolve(table));
    assertThat(faults()).containsExactly(table + ": there is no such file");
  }

  @Test
  void anExpiredParentIsFineButAGapIsNot() throws IOException {
    dataset.withdraw(1);
    assertThat(faults()).isEmpty();
    DatasetPreparation.prepare(spark, llava.add(llava.record("third")).asLines().build());
    DatasetPreparation.prepare(spark, llava.add(llava.record("fourth")).asLines().build());
    dataset.withdraw(3);
    assertThat(faults())
        .containsExactly(
            "versions/00004.json: its parent, version 3, is gone although version 2, which is older,"
                + " is there");
  }

  @Test
  void shardsThatAreNotTheParentsAreNamed() throws IOException {
    edit(1, manifest -> shardOf(manifest, 0).put("sha256", "0"));
    assertThat(faults())
        .anyMatch(fault -> fault.contains("its sha256 is") && fault.endsWith("manifest says 0"))
        .anyMatch(
            fault ->
                fault.equals(
                    "versions/00002.json: its shards do not begin with those of its parent, version"
                        + " 1"));
  }

  @Test
  void aFolderThatIsNoDatasetIsRefused() {
    assertThatThrownBy(
            () ->
                DatasetVerification.verify(
                    spark, folder.resolve("nowhere").toUri().toString(), Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("holds no published version");
    assertThatThrownBy(() -> DatasetVerification.verify(spark, dataset.toString(), Optional.of(9)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has no version 9; it has [1, 2]");
  }
}
