package io.tokenflex.dataprep.dataset;

import java.util.Locale;

/** File names and format version of datasets. */
public final class DatasetLayout {
  /**
   * Newest format version; increased when older readers cannot read a dataset. Version 3 lists the
   * lengths of row groups that are uneven.
   */
  public static final int FORMAT_VERSION = 3;

  /** Format version of datasets with even row groups, which older programs can read. */
  public static final int EVEN_FORMAT_VERSION = 2;

  /** Key of the format version in Parquet footers. */
  public static final String FORMAT_VERSION_KEY = "tokenflex.format.version";

  /** Folder of the manifests, one per version. */
  public static final String VERSIONS = "versions";

  /** Folder of the runs, one subfolder per run with its shards and rejects. */
  public static final String DATA = "data";

  /** File name of the rejects table in a run's folder. */
  public static final String REJECTS = "rejects.parquet";

  private DatasetLayout() {}

  public static boolean isReadable(int formatVersion) {
    return formatVersion >= EVEN_FORMAT_VERSION && formatVersion <= FORMAT_VERSION;
  }

  public static boolean isReadable(String formatVersion) {
    return Integer.toString(EVEN_FORMAT_VERSION).equals(formatVersion)
        || Integer.toString(FORMAT_VERSION).equals(formatVersion);
  }

  /** Supported format versions, for messages. */
  public static String readableVersions() {
    return EVEN_FORMAT_VERSION + " and " + FORMAT_VERSION;
  }

  /**
   * File name for one attempt at writing a shard; only the shard's number if it is the first
   * attempt.
   *
   * @param stageAttempt Spark's stage attempt number, from 0
   * @param taskAttempt Spark's task attempt number within the stage attempt, from 0
   */
  public static String shardName(int shard, int stageAttempt, int taskAttempt) {
    return stageAttempt == 0 && taskAttempt == 0
        ? String.format(Locale.ROOT, "shard-%05d.parquet", shard)
        : String.format(Locale.ROOT, "shard-%05d-%d-%d.parquet", shard, stageAttempt, taskAttempt);
  }

  /** Path of a version's manifest within the dataset folder. */
  public static String manifestFile(int version) {
    return String.format(Locale.ROOT, "%s/%05d.json", VERSIONS, version);
  }

  /** Path of the manifest of a withdrawn version that is still readable. */
  static String withdrawnManifestFile(int version) {
    return String.format(Locale.ROOT, "%s/%05d.withdrawn.json", VERSIONS, version);
  }
}
