package io.tokenflex.bench;

import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.dataprep.dataset.DatasetLayout;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.dedup.DedupConfig;
import io.tokenflex.dataprep.shard.ShardWriter;
import io.tokenflex.image.ImageDecoder;
import io.tokenflex.image.ImageNormalization;
import io.tokenflex.image.ImageNormalizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;

/**
 * Makes the dataset that the feeding benchmark reads: pictures of at most 448 pixels in four
 * shards.
 *
 * <p>Arguments: folder of pictures, folder for the dataset, which must not exist.
 */
public final class FeedingDataset {
  private static final int NUM_SHARDS = 4;
  private static final int ROWS_PER_ROW_GROUP = 64;

  private FeedingDataset() {}

  /** Writes the dataset. */
  public static void main(String[] arguments) throws IOException {
    List<Path> pictures;
    try (Stream<Path> files = Files.list(Path.of(arguments[0]))) {
      pictures = files.sorted().toList();
    }
    DatasetFolder dataset = DatasetFolder.at(arguments[1], new Configuration());
    String run = dataset.createRun(1);
    ImageDecoder decoder = new ImageDecoder(100_000_000);
    ImageNormalizer normalizer = new ImageNormalizer(new ImageNormalization(448, 90));
    List<Manifest.Shard> shards = new ArrayList<>();
    for (int number = 0; number < NUM_SHARDS; number++) {
      String name = run + "/" + DatasetLayout.shardName(number, 0, 0);
      int from = pictures.size() * number / NUM_SHARDS;
      int to = pictures.size() * (number + 1) / NUM_SHARDS;
      try (ShardWriter shard =
          new ShardWriter(dataset.fileSystem(), dataset.pathOf(name), ROWS_PER_ROW_GROUP)) {
        for (Path picture : pictures.subList(from, to)) {
          byte[] file = Files.readAllBytes(picture);
          shard.write(
              PrepareBench.sampleOf(
                  picture.getFileName().toString(),
                  normalizer.normalize(file, decoder.decode(file))));
        }
        shards.add(shard.finish(name));
      }
    }
    dataset.publish(manifest(run, shards));
  }

  private static Manifest manifest(String run, List<Manifest.Shard> shards) {
    long rows = shards.stream().mapToLong(Manifest.Shard::rows).sum();
    return new Manifest(
        DatasetLayout.FORMAT_VERSION,
        1,
        0,
        Instant.now().toString(),
        rows,
        rows,
        shards.stream().mapToLong(Manifest.Shard::bytes).sum(),
        ROWS_PER_ROW_GROUP,
        shards,
        new Manifest.Run(run, rows, rows, 0, Map.of()),
        List.of(),
        0,
        new DedupConfig(false, DedupConfig.NO_NEAR_SEARCH, DedupConfig.Scope.SAMPLE),
        "",
        null);
  }
}
