package io.tokenflex.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.tokenflex.batches.BadSamples;
import io.tokenflex.batches.Collator;
import io.tokenflex.batches.DecodedPixels;
import io.tokenflex.batches.MicroBatch;
import io.tokenflex.batches.MicroBatches;
import io.tokenflex.batches.PictureThreads;
import io.tokenflex.batches.Pixels;
import io.tokenflex.batches.Prefetcher;
import io.tokenflex.dataprep.shard.ParquetSampleSource;
import io.tokenflex.image.ImageTransform;
import io.tokenflex.image.LevelNormalization;
import io.tokenflex.kernels.DeviceCopies;
import io.tokenflex.kernels.HostArrays;
import io.tokenflex.kernels.KernelLibrary;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.GlobalBatches;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.SampleOrder;
import io.tokenflex.samples.Turn;
import io.tokenflex.text.ChatTemplate;
import io.tokenflex.text.TokenizedSample;
import io.tokenflex.tokens.TokenCountSchedule;
import io.tokenflex.tokens.VisionTokenCount;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;

/**
 * One round of the feeding benchmark: from shards to pixel tensors, by the classes that training
 * feeds itself with; text is a fixed row of ids. Prints one JSON object; {@code bench/feeding/run}
 * runs it beside its peer.
 *
 * <p>Arguments: dataset, number of workers (each a rank with a reader and a consumer), batches per
 * worker to time, file for the first batch, which the peer compares with its own; then, if a worker
 * is not to decode pictures on one thread as where CPUs train, the number of threads.
 */
public final class FeedingBench {
  private static final int IMAGE_SIZE = 224;
  private static final int BATCH_SIZE = 16;
  private static final int WARM_UP_BATCHES = 60;
  private static final int PREFETCHED = 2;
  private static final int LANES = 2;
  private static final ImageTransform PIXELS = ImageTransform.siglip(IMAGE_SIZE);

  private FeedingBench() {}

  /** Runs one round. */
  public static void main(String[] arguments)
      throws IOException, InterruptedException, ExecutionException {
    int workers = Integer.parseInt(arguments[1]);
    int batches = Integer.parseInt(arguments[2]);
    int pictureThreads = arguments.length < 5 ? 1 : Integer.parseInt(arguments[4]);
    ExecutorService threads = Executors.newFixedThreadPool(workers);
    List<Future<Double>> running =
        IntStream.range(0, workers)
            .mapToObj(
                rank ->
                    threads.submit(
                        () -> {
                          try (PictureThreads decoders = new PictureThreads(pictureThreads)) {
                            Path first = Path.of(arguments[3]);
                            return feed(arguments[0], rank, workers, batches, first, decoders);
                          }
                        }))
            .toList();
    double samplesPerSecond = 0;
    for (Future<Double> worker : running) {
      samplesPerSecond += batches * BATCH_SIZE / worker.get();
    }
    threads.shutdown();
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("samplesPerSecond", samplesPerSecond);
    BenchResult.print(result);
  }

  /** Seconds for {@code numBatches} batches, while the reader is ahead at both ends. */
  private static double feed(
      String dataset, int rank, int workers, int numBatches, Path first, PictureThreads decoders)
      throws IOException, InterruptedException {
    ChatTemplate template = new FixedIds();
    Collator collator =
        new Collator(
            new DecodedPixels(PIXELS),
            template.imageTokenId(),
            template.endOfTurnId(),
            1024,
            decoders);
    try (ParquetSampleSource source = ParquetSampleSource.open(dataset, new Configuration())) {
      SampleOrder order = new SampleOrder(source, 1, LANES, 2);
      MicroBatches microBatches =
          new MicroBatches(
              new GlobalBatches(source, order, workers * BATCH_SIZE, rank, workers),
              template,
              collator,
              new TokenCountSchedule.Fixed(VisionTokenCount.of(16)),
              BATCH_SIZE,
              BadSamples.FAIL);
      long start = 0;
      int steps = WARM_UP_BATCHES + numBatches;
      try (Prefetcher prefetcher =
              new Prefetcher(microBatches::next, steps + PREFETCHED + 1, PREFETCHED, () -> {});
          NDManager manager = NDManager.newBaseManager("PyTorch");
          KernelLibrary kernels = KernelLibrary.load(manager)) {
        DeviceCopies copies = new DeviceCopies(kernels, manager);
        NDArray table =
            HostArrays.of(
                manager, PIXELS.normalization().table(), new Shape(3, LevelNormalization.LEVELS));
        for (int step = 0; step < steps; step++) {
          if (step == WARM_UP_BATCHES) {
            start = System.nanoTime();
          }
          MicroBatch batch = prefetcher.next().microBatches().get(0);
          Pixels.Levels pixels = (Pixels.Levels) batch.pixels();
          try (NDArray levels = copies.of(manager, pixels.levels(), shape(batch))) {
            kernels.call(manager, "pixel_values", levels, table).close();
          }
          if (step == 0 && rank == 0) {
            write(batch, first);
          }
        }
        return (System.nanoTime() - start) / 1e9;
      }
    }
  }

  private static Shape shape(MicroBatch batch) {
    return new Shape(batch.numImages(), 3, IMAGE_SIZE, IMAGE_SIZE);
  }

  /** The ids, each ended by a line feed, an empty line, then the pixels, big-endian. */
  private static void write(MicroBatch batch, Path file) throws IOException {
    try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(file))) {
      for (String id : batch.sampleIds()) {
        out.writeBytes(id + "\n");
      }
      out.writeBytes("\n");
      byte[] levels = ((Pixels.Levels) batch.pixels()).levels();
      ByteBuffer values = ByteBuffer.allocate(levels.length * Float.BYTES);
      values.asFloatBuffer().put(PIXELS.normalization().apply(levels, IMAGE_SIZE * IMAGE_SIZE));
      out.write(values.array());
    }
  }

  /** The same ids for every sample: neither side tokenizes. */
  private static final class FixedIds implements ChatTemplate {
    @Override
    public TokenizedSample encode(Sample sample) {
      long[] ids = {imageTokenId(), 5, 6, 7, 8, endOfTurnId()};
      boolean[] supervised = {false, false, false, true, true, true};
      return new TokenizedSample(sample.id(), ids, supervised, sample.images());
    }

    @Override
    public TokenizedSample encodePrompt(String id, List<Turn> turns, List<EncodedImage> images) {
      throw new UnsupportedOperationException("Nothing is generated here");
    }

    @Override
    public long imageTokenId() {
      return 1;
    }

    @Override
    public long endOfTurnId() {
      return 2;
    }
  }
}
