package io.tokenflex.bench;

import io.tokenflex.dataprep.shard.ShardWriter;
import io.tokenflex.dataprep.shard.StoredSample;
import io.tokenflex.digest.Digests;
import io.tokenflex.image.ImageDecoder;
import io.tokenflex.image.ImageNormalization;
import io.tokenflex.image.ImageNormalizer;
import io.tokenflex.image.NormalizedImage;
import io.tokenflex.image.ResampleFilter;
import io.tokenflex.image.Resampler;
import io.tokenflex.image.RgbImage;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.Turn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;

/**
 * One round of the prepare benchmark on one thread: read, decode, reduce, encode, write a shard.
 * Prints one JSON object; {@code bench/prepare/run} runs it beside its peer.
 *
 * <p>Arguments: folder of pictures, folder for the shard.
 */
public final class PrepareBench {
  private static final int MAX_SIDE = 448;
  private static final int JPEG_QUALITY = 90;
  private static final int ROWS_PER_ROW_GROUP = 256;
  private static final int WARM_UP = 300;

  private final ImageDecoder decoder = new ImageDecoder(100_000_000);
  private final ImageNormalizer normalizer =
      new ImageNormalizer(new ImageNormalization(MAX_SIDE, JPEG_QUALITY));
  private final FileSystem fileSystem;
  private final Path output;
  private final Stages stages = new Stages();

  private PrepareBench(FileSystem fileSystem, Path output) {
    this.fileSystem = fileSystem;
    this.output = output;
  }

  /** Runs one round. */
  public static void main(String[] arguments) throws IOException {
    List<Path> pictures;
    try (Stream<Path> files = Files.list(Path.of(arguments[0]))) {
      pictures = files.sorted().toList();
    }
    Path output = Files.createDirectories(Path.of(arguments[1])).resolve("bench.parquet");
    LocalFileSystem fileSystem = FileSystem.getLocal(new Configuration());
    new PrepareBench(fileSystem.getRawFileSystem(), output)
        .prepare(pictures.subList(0, Math.min(WARM_UP, pictures.size())));
    PrepareBench bench = new PrepareBench(fileSystem.getRawFileSystem(), output);
    long start = System.nanoTime();
    bench.prepare(pictures);
    double wall = (System.nanoTime() - start) / 1e9;
    Map<String, Double> resampling = Map.of();
    if (Boolean.getBoolean("bench.stages")) {
      resampling = Map.of("resample", bench.resampleAgain(pictures));
    }
    print(pictures.size(), wall, bench.stages.seconds(resampling));
  }

  private void prepare(List<Path> pictures) throws IOException {
    Files.deleteIfExists(output);
    stages.start();
    try (ShardWriter shard =
        new ShardWriter(
            fileSystem, new org.apache.hadoop.fs.Path(output.toUri()), ROWS_PER_ROW_GROUP)) {
      for (Path picture : pictures) {
        byte[] file = Files.readAllBytes(picture);
        RgbImage decoded = decoder.decode(file);
        stages.end("decode");
        NormalizedImage stored = normalizer.normalize(file, decoded);
        stages.end("encode");
        shard.write(sampleOf(picture.getFileName().toString(), stored));
        stages.end("write");
      }
      shard.finish("bench.parquet");
    }
    stages.end("write");
  }

  /** The share of resampling in normalising, measured by doing it once more. */
  private double resampleAgain(List<Path> pictures) throws IOException {
    long nanos = 0;
    for (Path picture : pictures) {
      byte[] file = Files.readAllBytes(picture);
      RgbImage decoded = decoder.decode(file);
      int longer = Math.max(decoded.width(), decoded.height());
      if (longer > MAX_SIDE) {
        int width = Math.max(1, decoded.width() * MAX_SIDE / longer);
        int height = Math.max(1, decoded.height() * MAX_SIDE / longer);
        long start = System.nanoTime();
        Resampler.resample(decoded, width, height, ResampleFilter.BICUBIC);
        nanos += System.nanoTime() - start;
      }
    }
    return nanos / 1e9;
  }

  /** A sample of one picture and a short conversation. */
  static StoredSample sampleOf(String name, NormalizedImage stored) {
    EncodedImage image =
        new EncodedImage(
            stored.bytes(), stored.width(), stored.height(), Digests.sha256Hex(stored.bytes()));
    Sample sample =
        new Sample(
            name,
            List.of(image),
            List.of(
                new Turn(Role.USER, "<image>\nWhat is this?"),
                new Turn(Role.ASSISTANT, "A picture.")),
            name,
            Map.of());
    return new StoredSample(sample, "", List.of(new StoredSample.ImageIdentity("", 0)));
  }

  private static void print(int pictures, double wall, Map<String, Double> stages)
      throws IOException {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("pictures", pictures);
    result.put("wall", wall);
    result.put("stages", stages);
    BenchResult.print(result);
  }

  /** Seconds spent in each stage. */
  private static final class Stages {
    private static final List<String> NAMES = List.of("decode", "resample", "encode", "write");

    private final double[] seconds = new double[NAMES.size()];
    private long last;

    void start() {
      Arrays.fill(seconds, 0);
      last = System.nanoTime();
    }

    void end(String name) {
      long now = System.nanoTime();
      seconds[NAMES.indexOf(name)] += (now - last) / 1e9;
      last = now;
    }

    /** Encoding was measured together with resampling, which is told apart here. */
    Map<String, Double> seconds(Map<String, Double> resampling) {
      Map<String, Double> result = new LinkedHashMap<>();
      for (String name : NAMES) {
        result.put(name, seconds[NAMES.indexOf(name)]);
      }
      resampling.forEach(
          (name, value) -> {
            result.put(name, value);
            result.merge("encode", -value, Double::sum);
          });
      return result;
    }
  }
}
