package io.tokenflex.jobs.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.dataprep.dataset.DatasetFolder;
import io.tokenflex.dataprep.dataset.Manifest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What one run of {@code prepare} did.
 *
 * @param added samples in the version it published, 0 if it published none
 * @param rejected records by reason in the version it published
 * @param texts of all samples of the dataset by id, each turn as role and text
 * @param pixels digests of the images of all samples of the dataset by id
 * @param images images in the dataset
 * @param message what it said when it failed, else empty
 * @param details what the rejects table says
 */
record SeenStep(
    int exit,
    long added,
    Map<String, Long> rejected,
    Map<String, List<List<String>>> texts,
    Map<String, List<String>> pixels,
    long images,
    String message,
    List<String> details) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** As JSON, in the words of {@code expected.json}. */
  @Override
  public String toString() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Maps and lists of texts are JSON", e);
    }
  }

  /**
   * Looks at the dataset after a run.
   *
   * @param before the newest version before the run, or 0
   */
  static SeenStep of(
      SparkSession spark, DatasetFolder dataset, int before, int exit, String message)
      throws IOException {
    Optional<Manifest> newest = dataset.newest();
    if (newest.isEmpty()) {
      return new SeenStep(exit, 0, Map.of(), Map.of(), Map.of(), 0, message, List.of());
    }
    Manifest manifest = newest.get();
    Map<String, List<List<String>>> texts = new TreeMap<>();
    Map<String, List<String>> pixels = new TreeMap<>();
    if (!manifest.shards().isEmpty()) {
      String[] shards =
          manifest.shards().stream()
              .map(shard -> dataset.pathOf(shard.file()).toString())
              .toArray(String[]::new);
      for (Row row :
          spark
              .read()
              .parquet(shards)
              .select("id", "conversation", "images.pixelsSha256")
              .collectAsList()) {
        List<List<String>> conversation = new ArrayList<>();
        row.<Row>getList(1)
            .forEach(turn -> conversation.add(List.of(turn.getString(0), turn.getString(1))));
        texts.put(row.getString(0), conversation);
        pixels.put(row.getString(0), row.getList(2));
      }
    }
    boolean isNew = manifest.version() > before;
    List<String> details = new ArrayList<>();
    if (isNew && manifest.run().numRejects() > 0) {
      String rejects = dataset.pathOf(manifest.run().rejectsFile()).toString();
      spark
          .read()
          .parquet(rejects)
          .select("reason", "detail")
          .collectAsList()
          .forEach(row -> details.add(row.getString(0) + ": " + row.getString(1)));
    }
    return new SeenStep(
        exit,
        isNew ? manifest.run().rows() : 0,
        isNew ? manifest.run().rejects() : Map.of(),
        texts,
        pixels,
        manifest.images(),
        message,
        details);
  }
}
