package io.tokenflex.dataprep.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.dataprep.dataset.DatasetLayout;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.dedup.DedupConfig;
import io.tokenflex.dataprep.shard.StoredSample.ImageIdentity;
import io.tokenflex.digest.Digests;
import io.tokenflex.failure.DamagedDataException;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.Turn;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParquetSampleSourceTest {
  private static final Configuration CONFIGURATION = new Configuration();

  @TempDir java.nio.file.Path folder;

  private static List<Sample> samples(int count, long seed) {
    Random random = new Random(seed);
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<EncodedImage> images = new ArrayList<>();
      for (int image = random.nextInt(3); image > 0; image--) {
        byte[] bytes = new byte[random.nextInt(5000)];
        random.nextBytes(bytes);
        images.add(new EncodedImage(bytes, 1 + i, 2, Digests.sha256Hex(bytes)));
      }
      String question = "Frage " + i + "? " + Sample.IMAGE_MARK.repeat(images.size());
      List<Turn> turns =
          List.of(new Turn(Role.USER, question), new Turn(Role.ASSISTANT, "世界 " + i));
      Map<String, String> metadata = random.nextBoolean() ? Map.of() : Map.of("b", "", "a", "1");
      samples.add(new Sample("id-" + i, images, turns, "made up", metadata));
    }
    return samples;
  }

  private static final String RUN = "data/00001-test";

  /** Writes shards of 8 samples in row groups of 4 with their manifest. */
  private Manifest write(List<Sample> samples) throws IOException {
    DatasetFolder dataset = DatasetFolder.at(folder.toUri().toString(), CONFIGURATION);
    List<Manifest.Shard> shards = new ArrayList<>();
    for (int start = 0; start < samples.size(); start += 8) {
      String name = RUN + "/" + DatasetLayout.shardName(shards.size(), 0, 0);
      try (ShardWriter writer = new ShardWriter(dataset.fileSystem(), dataset.pathOf(name), 4)) {
        for (Sample sample : samples.subList(start, Math.min(start + 8, samples.size()))) {
          writer.write(new StoredSample(sample, "digest", identities(sample)));
        }
        shards.add(writer.finish(name));
      }
    }
    Manifest manifest =
        new Manifest(
            Manifest.formatVersion(shards),
            1,
            0,
            "2026-01-01T00:00:00Z",
            samples.size(),
            shards.stream().mapToLong(Manifest.Shard::images).sum(),
            shards.stream().mapToLong(Manifest.Shard::bytes).sum(),
            4,
            shards,
            new Manifest.Run(
                RUN, samples.size() + 1L, samples.size(), 0, Map.of("IMAGE_MISSING", 1L)),
            List.of(new Manifest.InputIdentity("file:/in", 3, 4, "reading", null)),
            1,
            new DedupConfig(false, DedupConfig.NO_NEAR_SEARCH, DedupConfig.Scope.SAMPLE),
            "config",
            null);
    dataset.publish(manifest);
    return manifest;
  }

  private static List<ImageIdentity> identities(Sample sample) {
    return sample.images().stream()
        .map(image -> new ImageIdentity("pixels of " + image.sha256(), image.width()))
        .toList();
  }

  private ParquetSampleSource open() throws IOException {
    return ParquetSampleSource.open(folder.toUri().toString(), CONFIGURATION);
  }

  @Test
  void rowGroupsCanBeReadInAnyOrderAndHoldWhatWasWritten() throws IOException {
    List<Sample> written = samples(101, 1);
    Manifest manifest = write(written);
    try (ParquetSampleSource source = open()) {
      assertThat(source.manifest()).isEqualTo(manifest);
      assertThat(source.numRowGroups()).isEqualTo(26);
      for (int rowGroup = source.numRowGroups() - 1; rowGroup >= 0; rowGroup--) {
        List<Sample> read = source.readRowGroup(rowGroup);
        assertThat(read).hasSize(source.numRows(rowGroup));
        for (int i = 0; i < read.size(); i++) {
          assertSame(read.get(i), written.get(4 * rowGroup + i));
        }
      }
    }
  }

  @Test
  void rowGroupsOfAnyLengthsAreReadAndListed() throws IOException {
    for (long seed = 1; seed <= 10; seed++) {
      Random random = new Random(seed);
      List<Sample> samples = samples(1 + random.nextInt(20), seed);
      DatasetFolder dataset = DatasetFolder.at(folder.toUri().toString(), CONFIGURATION);
      String name = RUN + "/seed-" + seed + ".parquet";
      List<Integer> lengths = new ArrayList<>();
      int length = 0;
      Manifest.Shard shard;
      try (ShardWriter writer = new ShardWriter(dataset.fileSystem(), dataset.pathOf(name), 4)) {
        for (Sample sample : samples) {
          writer.write(new StoredSample(sample, "digest", identities(sample)));
          length++;
          if (length == 4 || random.nextInt(3) == 0) {
            writer.endRowGroup();
            lengths.add(length);
            length = 0;
          }
        }
        shard = writer.finish(name);
      }
      if (length > 0) {
        lengths.add(length);
      }
      boolean isEven = lengths.subList(0, lengths.size() - 1).stream().allMatch(rows -> rows == 4);
      assertThat(shard.rowGroups()).as("seed %d", seed).isEqualTo(lengths.size());
      assertThat(shard.rowGroupRows()).as("seed %d", seed).isEqualTo(isEven ? List.of() : lengths);
      List<Integer> stated = new ArrayList<>();
      for (int i = 0; i < shard.rowGroups(); i++) {
        stated.add(shard.rowsOf(i, 4));
      }
      assertThat(stated).as("seed %d", seed).isEqualTo(lengths);
    }
  }

  @Test
  void aManifestWhoseRowGroupsDoNotAddUpIsRefused() {
    assertThatThrownBy(() -> new Manifest.Shard("a", 9, 2, 0, 0, "", List.of(4, 4)))
        .hasMessage("The manifest states a rows 9 but its parts add up to 8");
    assertThatThrownBy(() -> new Manifest.Shard("a", 8, 3, 0, 0, "", List.of(4, 4)))
        .hasMessage("The manifest states a rowGroups 3 but its parts add up to 2");
  }

  private static void assertSame(Sample actual, Sample expected) {
    assertThat(actual.id()).isEqualTo(expected.id());
    assertThat(actual.conversation()).isEqualTo(expected.conversation());
    assertThat(actual.source()).isEqualTo(expected.source());
    assertThat(actual.metadata()).isEqualTo(expected.metadata());
    assertThat(actual.images()).hasSameSizeAs(expected.images());
    for (int i = 0; i < actual.images().size(); i++) {
      EncodedImage image = actual.images().get(i);
      assertThat(image.bytes()).isEqualTo(expected.images().get(i).bytes());
      assertThat(image.sha256()).isEqualTo(expected.images().get(i).sha256());
      assertThat(image.width()).isEqualTo(expected.images().get(i).width());
      assertThat(image.height()).isEqualTo(2);
    }
  }

  @Test
  void theFingerprintFollowsTheSamplesAndTheirOrder() throws IOException {
    List<Sample> samples = samples(9, 1);
    String first = write(samples).contentFingerprint();
    assertThat(first).isEqualTo(open().fingerprint());
    deleteAll();
    assertThat(write(samples).contentFingerprint()).isEqualTo(first);
    deleteAll();
    List<Sample> swapped = new ArrayList<>(samples);
    swapped.set(0, samples.get(1));
    swapped.set(1, samples.get(0));
    assertThat(write(swapped).contentFingerprint()).isNotEqualTo(first);
  }

  /** In one JVM equal bytes come for free; another JVM orders sets and maps differently. */
  @Test
  void everyJvmWritesTheSameBytes() throws IOException {
    assertThat(write(samples(9, 1)).contentFingerprint())
        .as("fails also when Parquet's version or the format changes: then renew it")
        .isEqualTo("5310d934a52bb15cbb8729e7d93f3cbfd34541dc542bd2780b2eb000fa6e5fd0");
  }

  private void deleteAll() throws IOException {
    try (var files = Files.walk(folder)) {
      for (java.nio.file.Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        if (!file.equals(folder)) {
          Files.delete(file);
        }
      }
    }
  }

  @Test
  void anAlteredByteIsNoticedAndItsPlaceNamed() throws IOException {
    write(samples(20, 1));
    java.nio.file.Path shard = folder.resolve(RUN + "/shard-00001.parquet");
    byte[] bytes = Files.readAllBytes(shard);
    bytes[200] ^= 1;
    Files.write(shard, bytes);
    // Hadoop's local files have checksums beside them; those of a cluster's storage do not.
    Files.delete(folder.resolve(RUN + "/.shard-00001.parquet.crc"));
    try (ParquetSampleSource source = open()) {
      source.readRowGroup(1);
      assertThatThrownBy(() -> source.readRowGroup(2))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("shard-00001.parquet, row group 0 of 2: ");
    }
  }

  /** Readers throw all sorts of exceptions at a flipped bit; whichever it is, it is damage. */
  @Test
  void aFlippedBitAnywhereIsDamageOrDoesNotMatter() throws IOException {
    List<Sample> written = samples(20, 1);
    write(written);
    java.nio.file.Path shard = folder.resolve(RUN + "/shard-00001.parquet");
    Files.delete(folder.resolve(RUN + "/.shard-00001.parquet.crc"));
    byte[] good = Files.readAllBytes(shard);
    Random random = new Random(5);
    int numNoticed = 0;
    for (int i = 0; i < 150; i++) {
      byte[] bytes = good.clone();
      int bit = random.nextInt(8 * bytes.length);
      bytes[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(shard, bytes);
      try (ParquetSampleSource source = open()) {
        List<Sample> read = new ArrayList<>(source.readRowGroup(2));
        read.addAll(source.readRowGroup(3));
        assertThat(read).as("bit " + bit).hasSize(8);
      } catch (DamagedDataException e) {
        numNoticed++;
        assertThat(e)
            .as("bit " + bit)
            .hasMessageContaining("shard-00001.parquet, row group ")
            .hasMessageContaining("the file was changed after it was written");
      }
    }
    assertThat(numNoticed).as("flipped bits noticed").isGreaterThan(100);
  }

  @Test
  void aShardThatIsWholeButCannotBeReadIsNoDamage() throws IOException {
    write(samples(20, 1));
    Configuration failing = new Configuration();
    failing.set("fs.file.impl", FailingReads.class.getName());
    failing.set("fs.file.impl.disable.cache", "true");
    try (ParquetSampleSource source =
        ParquetSampleSource.open(folder.toUri().toString(), failing)) {
      FailingReads.left = 0;
      assertThatThrownBy(() -> source.readRowGroup(1))
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(DamagedDataException.class)
          .hasMessageContaining("shard-00000.parquet, row group 1 of 2: Connection reset");
    }
  }

  /** A store that answers the first time and fails later. */
  public static final class FailingReads extends LocalFileSystem {
    static int left = Integer.MAX_VALUE;

    @Override
    public FSDataInputStream open(Path file, int bufferSize) throws IOException {
      if (file.getName().endsWith(".parquet") && left-- <= 0) {
        throw new SocketException("Connection reset");
      }
      return super.open(file, bufferSize);
    }
  }

  @Test
  void aShardCutOffIsNoticed() throws IOException {
    write(samples(20, 1));
    java.nio.file.Path shard = folder.resolve(RUN + "/shard-00002.parquet");
    Files.write(shard, new byte[10]);
    try (ParquetSampleSource source = open()) {
      assertThatThrownBy(() -> source.readRowGroup(4))
          .isInstanceOf(DamagedDataException.class)
          .hasMessageContaining("shard-00002.parquet, row group 0 of 1: the file has 10 bytes");
    }
  }

  @Test
  void aMissingShardIsNamed() throws IOException {
    write(samples(20, 1));
    Files.delete(folder.resolve(RUN + "/shard-00000.parquet"));
    try (ParquetSampleSource source = open()) {
      assertThatThrownBy(() -> source.readRowGroup(1))
          .isInstanceOf(DamagedDataException.class)
          .hasMessageContaining("shard-00000.parquet, row group 1 of 2")
          .hasMessageContaining("the file is missing");
    }
  }

  @Test
  void anotherFormatVersionIsRefused() throws IOException {
    write(samples(4, 1));
    java.nio.file.Path manifest = folder.resolve("versions/00001.json");
    String json = Files.readString(manifest);
    Files.writeString(
        manifest, json.replace("\"formatVersion\" : 2,", "\"formatVersion\" : 4, \"new\" : 3,"));
    assertThatThrownBy(this::open)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has format version 4 but this program reads 2 and 3;");
  }

  @Test
  void aManifestWhoseSumsAreWrongIsRefused() throws IOException {
    write(samples(4, 1));
    java.nio.file.Path manifest = folder.resolve("versions/00001.json");
    String json = Files.readString(manifest);
    Files.writeString(manifest, json.replace("\"inputRows\" : 5", "\"inputRows\" : 6"));
    assertThatThrownBy(this::open)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("inputRows 6 but its parts add up to 5");
  }

  @Test
  void aFolderWithoutManifestIsNoDataset() throws IOException {
    Files.createDirectories(folder.resolve(RUN));
    Files.write(folder.resolve(RUN + "/shard-00000.parquet"), "x".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(this::open)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("holds no published version")
        .hasMessageContaining("run prepare with this output first");
  }
}
