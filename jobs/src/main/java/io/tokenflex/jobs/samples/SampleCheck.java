package io.tokenflex.jobs.samples;

import io.tokenflex.batches.BadSampleException;
import io.tokenflex.batches.SampleEncoder;
import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.dataprep.dataset.Manifest;
import io.tokenflex.dataprep.judge.SampleFaults;
import io.tokenflex.dataprep.storage.LiteralPath;
import io.tokenflex.samples.EncodedImage;
import io.tokenflex.samples.Role;
import io.tokenflex.samples.Sample;
import io.tokenflex.samples.Turn;
import io.tokenflex.text.HuggingFaceTokenizer;
import io.tokenflex.tokens.VisionTokenCount;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Asks of the samples of a dataset whether a run can be trained on them, at the largest number of
 * vision tokens. Reads texts and picture sizes, no pictures.
 *
 * <p>Of a large dataset whole shards are looked at, spread evenly over it: samples are shuffled, so
 * a shard is a fair share of its version.
 */
public final class SampleCheck {
  /** Columns that {@link #sample} wants, in this order. */
  private static final String[] COLUMNS = {
    "images.width", "images.height", "conversation.role", "conversation.text", "source"
  };

  private static final byte[] NO_BYTES = {};

  private SampleCheck() {}

  /**
   * Looks at a dataset.
   *
   * @param maxSamples about how many samples to look at: shards are taken as long as they hold no
   *     more, and one at least
   */
  public static SampleFaults run(
      SparkSession session,
      DatasetFolder dataset,
      Manifest manifest,
      SampleLimits limits,
      long maxSamples) {
    List<String> shards = new ArrayList<>();
    for (Manifest.Shard shard : choose(manifest.shards(), maxSamples)) {
      shards.add(LiteralPath.of(dataset.pathOf(shard.file()).toString()));
    }
    if (shards.isEmpty()) {
      return new SampleFaults();
    }
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    Broadcast<SampleLimits> shared = spark.broadcast(limits);
    try {
      return session
          .read()
          .parquet(shards.toArray(String[]::new))
          .select("id", COLUMNS)
          .toJavaRDD()
          .mapPartitions(
              rows -> {
                SampleFaults part = new SampleFaults();
                SampleLimits here = shared.value();
                try (HuggingFaceTokenizer tokenizer = here.text().openTokenizer()) {
                  SampleEncoder encoder = here.encoder(tokenizer);
                  VisionTokenCount largest = here.largest();
                  rows.forEachRemaining(row -> look(row, encoder, largest, part));
                }
                return Collections.singleton(part).iterator();
              })
          .fold(new SampleFaults(), SampleFaults::plus);
    } finally {
      shared.destroy();
    }
  }

  /** Shards spread evenly that hold {@code maxSamples} samples or fewer, but one at least. */
  static List<Manifest.Shard> choose(List<Manifest.Shard> shards, long maxSamples) {
    long samples = shards.stream().mapToLong(Manifest.Shard::rows).sum();
    if (samples <= maxSamples || shards.size() < 2) {
      return shards;
    }
    long wanted = Math.max(1, shards.size() * maxSamples / samples);
    List<Manifest.Shard> chosen = new ArrayList<>();
    for (long i = 0; i < wanted; i++) {
      chosen.add(shards.get((int) ((2 * i + 1) * shards.size() / (2 * wanted))));
    }
    return chosen;
  }

  private static void look(
      Row row, SampleEncoder encoder, VisionTokenCount largest, SampleFaults faults) {
    String id = row.getString(0);
    try {
      encoder.encode(sample(row), largest);
      faults.addGood();
    } catch (BadSampleException e) {
      faults.addBad(id, e.getMessage());
    }
  }

  private static Sample sample(Row row) {
    List<Integer> widths = row.getList(1);
    List<Integer> heights = row.getList(2);
    List<EncodedImage> images = new ArrayList<>();
    for (int i = 0; i < widths.size(); i++) {
      images.add(new EncodedImage(NO_BYTES, widths.get(i), heights.get(i), ""));
    }
    List<String> roles = row.getList(3);
    List<String> texts = row.getList(4);
    List<Turn> conversation = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      conversation.add(new Turn(Role.ofWireName(roles.get(i)), texts.get(i)));
    }
    return new Sample(row.getString(0), images, conversation, row.getString(5), Map.of());
  }
}
