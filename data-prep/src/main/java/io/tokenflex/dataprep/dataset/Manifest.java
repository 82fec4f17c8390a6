package io.tokenflex.dataprep.dataset;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.tokenflex.dataprep.dedup.DedupConfig;
import io.tokenflex.digest.Digests;
import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;

/**
 * Content of one version of a dataset. The version is complete if its manifest exists.
 *
 * @param formatVersion {@link #formatVersion(List)} of the shards
 * @param version counted from 1
 * @param parent version whose shards this one includes, or 0
 * @param createdAt time of publication, ISO 8601
 * @param rows samples in all shards
 * @param images images in all shards
 * @param bytes size of all shards
 * @param rowsPerRowGroup rows of all row groups but the last, which may be shorter, of every shard
 *     that does not list them
 * @param shards the parent's, then those of this version's run, in shuffle order
 * @param run the run that created this version
 * @param inputs all input files of the dataset
 * @param seed of the shuffle
 * @param dedup duplicates searched for, and thus which digests samples have
 * @param configDigest digest of all settings that determine the content of shards
 * @param settings these settings by name; null in older manifests
 */
public record Manifest(
    int formatVersion,
    int version,
    int parent,
    String createdAt,
    long rows,
    long images,
    long bytes,
    int rowsPerRowGroup,
    List<Shard> shards,
    Run run,
    List<InputIdentity> inputs,
    long seed,
    DedupConfig dedup,
    String configDigest,
    Map<String, String> settings) {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final ObjectReader READER = JSON.readerFor(Manifest.class);

  /**
   * One Parquet file.
   *
   * @param file path within the dataset folder
   * @param images images in the shard
   * @param sha256 of the file
   * @param rowGroupRows rows of each row group, unless the manifest's {@code rowsPerRowGroup}
   *     applies
   */
  public record Shard(
      String file,
      long rows,
      int rowGroups,
      long images,
      long bytes,
      String sha256,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Integer> rowGroupRows)
      implements Serializable {

    public Shard {
      rowGroupRows = rowGroupRows == null ? List.of() : List.copyOf(rowGroupRows);
      if (!rowGroupRows.isEmpty()) {
        requireSum(file + " rowGroups", rowGroups, rowGroupRows.size());
        requireSum(file + " rows", rows, rowGroupRows.stream().mapToLong(Integer::longValue).sum());
      }
    }

    /** Rows of a row group. */
    public int rowsOf(int rowGroup, int rowsPerRowGroup) {
      return rowGroupRows.isEmpty()
          ? (int) Math.min(rowsPerRowGroup, rows - (long) rowGroup * rowsPerRowGroup)
          : rowGroupRows.get(rowGroup);
    }
  }

  /**
   * The run that created a version.
   *
   * @param folder of its shards and rejects, within the dataset folder
   * @param inputRows records read: added samples, records already in the parent, and rejects
   * @param rows samples added
   * @param alreadyPresent records that the parent contains unchanged
   * @param rejects number of rejected records by reason
   */
  public record Run(
      String folder, long inputRows, long rows, long alreadyPresent, Map<String, Long> rejects) {
    public Run {
      rejects = Collections.unmodifiableMap(new TreeMap<>(rejects));
    }

    public long numRejects() {
      return rejects.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Path of the rejects table within the dataset folder. */
    public String rejectsFile() {
      return folder + "/" + DatasetLayout.REJECTS;
    }
  }

  /**
   * Identity of an input file, to detect changes without reading it.
   *
   * @param path with scheme
   * @param bytes length of the file
   * @param modifiedAt milliseconds since 1970
   * @param reading digest of how it is read: format, options, and names and lengths of the files in
   *     its image folder
   * @param settings of its input that affect records, by name, without unset ones; null in older
   *     manifests
   */
  public record InputIdentity(
      String path, long bytes, long modifiedAt, String reading, Map<String, String> settings)
      implements Serializable {
    public InputIdentity {
      settings = sorted(settings);
    }

    /** Whether the file and how it is read are unchanged. */
    public boolean isSameFile(InputIdentity other) {
      return path.equals(other.path)
          && bytes == other.bytes
          && modifiedAt == other.modifiedAt
          && reading.equals(other.reading);
    }
  }

  private static Map<String, String> sorted(Map<String, String> settings) {
    return settings == null ? null : Collections.unmodifiableMap(new TreeMap<>(settings));
  }

  public Manifest {
    settings = sorted(settings);
    shards = List.copyOf(shards);
    inputs = List.copyOf(inputs);
    requireSum("rows", rows, shards.stream().mapToLong(Shard::rows).sum());
    requireSum("images", images, shards.stream().mapToLong(Shard::images).sum());
    requireSum("bytes", bytes, shards.stream().mapToLong(Shard::bytes).sum());
    requireSum(
        "run.inputRows", run.inputRows(), run.rows() + run.alreadyPresent() + run.numRejects());
    requireSum(
        "run.rows",
        run.rows(),
        shards.stream()
            .filter(shard -> shard.file().startsWith(run.folder() + "/"))
            .mapToLong(Shard::rows)
            .sum());
  }

  private static void requireSum(String name, long stated, long counted) {
    if (stated != counted) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "The manifest states %s %d but its parts add up to %d",
              name,
              stated,
              counted));
    }
  }

  /** The lowest format version that can represent the shards. */
  public static int formatVersion(List<Shard> shards) {
    return shards.stream().allMatch(shard -> shard.rowGroupRows().isEmpty())
        ? DatasetLayout.EVEN_FORMAT_VERSION
        : DatasetLayout.FORMAT_VERSION;
  }

  /** Digest of the shards' digests; changes whenever a sample or its position changes. */
  public String contentFingerprint() {
    StringBuilder digests = new StringBuilder();
    shards.forEach(shard -> digests.append(shard.sha256()).append('\n'));
    return Digests.sha256Hex(digests.toString());
  }

  /**
   * Parses a manifest.
   *
   * @param path for messages
   * @throws IllegalArgumentException if the format version is unknown or the text is not a manifest
   */
  static Manifest parse(byte[] json, Path path) throws IOException {
    try {
      // Parsed first, because other format versions may have other fields.
      FormatVersion version =
          JSON.readerFor(FormatVersion.class)
              .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
              .readValue(json);
      if (!DatasetLayout.isReadable(version.formatVersion())) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s has format version %d but this program reads %s; prepare the dataset again",
                path,
                version.formatVersion(),
                DatasetLayout.readableVersions()));
      }
      return READER.readValue(json);
    } catch (JsonProcessingException e) {
      throw new InvalidInputException(
          "%s is not a manifest: %s".formatted(path, e.getOriginalMessage()), e);
    }
  }

  private record FormatVersion(@JsonProperty(required = true) int formatVersion) {}

  byte[] toJson() throws IOException {
    return (JSON.writeValueAsString(this) + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
