package io.tokenflex.dataprep.shard;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.tokenflex.dataprep.source.Digests;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * What a dataset folder holds; its presence says that the folder is complete.
 *
 * @param formatVersion {@link DatasetLayout#FORMAT_VERSION}
 * @param rows samples in all shards
 * @param images images in all shards
 * @param bytes size of all shards
 * @param rowsPerRowGroup of every row group but the dataset's last, which may be shorter
 * @param shards in the order of the shuffled samples
 * @param inputRows records in the input: samples and rejects
 * @param rejects number of rejected records by reason
 * @param inputFingerprint digest of the input file and of the names and lengths of the image files
 * @param seed of the shuffle
 * @param configDigest digest of every setting that decides what the shards hold
 */
public record Manifest(
    int formatVersion,
    long rows,
    long images,
    long bytes,
    int rowsPerRowGroup,
    List<Shard> shards,
    long inputRows,
    Map<String, Long> rejects,
    String inputFingerprint,
    long seed,
    String configDigest) {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final ObjectReader READER = JSON.readerFor(Manifest.class);

  /**
   * One Parquet file.
   *
   * @param file name within the dataset folder
   * @param images images in the shard
   * @param sha256 of the file
   */
  public record Shard(String file, long rows, int rowGroups, long images, long bytes, String sha256)
      implements Serializable {}

  public Manifest {
    shards = List.copyOf(shards);
    rejects = Collections.unmodifiableMap(new TreeMap<>(rejects));
    requireSum("rows", rows, shards.stream().mapToLong(Shard::rows).sum());
    requireSum("images", images, shards.stream().mapToLong(Shard::images).sum());
    requireSum("bytes", bytes, shards.stream().mapToLong(Shard::bytes).sum());
    long numRejects = rejects.values().stream().mapToLong(Long::longValue).sum();
    requireSum("inputRows", inputRows, rows + numRejects);
  }

  private static void requireSum(String name, long stated, long counted) {
    if (stated != counted) {
      throw new IllegalArgumentException(
          "The manifest states %s %d but its parts add up to %d".formatted(name, stated, counted));
    }
  }

  /** Changes whenever any sample or its place changes: a digest of the shards' digests. */
  public String contentFingerprint() {
    StringBuilder digests = new StringBuilder();
    shards.forEach(shard -> digests.append(shard.sha256()).append('\n'));
    return Digests.sha256Hex(digests.toString());
  }

  /**
   * Reads the manifest of a dataset folder, or nothing if there is none.
   *
   * @throws IllegalArgumentException if the version is another, or the file is no manifest
   */
  public static Optional<Manifest> read(FileSystem fileSystem, Path folder) throws IOException {
    Path path = new Path(folder, DatasetLayout.MANIFEST);
    byte[] json;
    try (InputStream stream = fileSystem.open(path)) {
      json = stream.readAllBytes();
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
    try {
      // The version first: another one may have other fields.
      Version version =
          JSON.readerFor(Version.class)
              .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
              .readValue(json);
      if (version.formatVersion() != DatasetLayout.FORMAT_VERSION) {
        throw new IllegalArgumentException(
            "%s has format version %d but this program reads %d; prepare the dataset again"
                .formatted(path, version.formatVersion(), DatasetLayout.FORMAT_VERSION));
      }
      return Optional.of(READER.readValue(json));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "%s is not a manifest: %s".formatted(path, e.getOriginalMessage()), e);
    }
  }

  private record Version(@JsonProperty(required = true) int formatVersion) {}

  /** Writes the manifest into a folder, replacing none. */
  public void write(FileSystem fileSystem, Path folder) throws IOException {
    try (OutputStream stream =
        fileSystem.create(new Path(folder, DatasetLayout.MANIFEST), /* overwrite= */ false)) {
      stream.write((JSON.writeValueAsString(this) + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }
}
