package io.tokenflex.dataprep.dataset;

import java.util.Locale;

/** Names within a dataset folder and the version of its format. */
public final class DatasetLayout {
  /**
   * The newest version; raised when a reader of the old one could not read the new one. In version
   * 3 the lengths of row groups are listed where they are uneven.
   */
  public static final int FORMAT_VERSION = 3;

  /** What datasets of even row groups have, which programs of that time read too. */
  public static final int EVEN_FORMAT_VERSION = 2;

  /** Key of the version in every Parquet footer. */
  public static final String FORMAT_VERSION_KEY = "tokenflex.format.version";

  /** Folder of the manifests, one for each version of the dataset. */
  public static final String VERSIONS = "versions";

  /** Folder of the runs' folders, each with the shards and rejects that one run wrote. */
  public static final String DATA = "data";

  /** The rejects table within a run's folder. */
  public static final String REJECTS = "rejects.parquet";

  private DatasetLayout() {}

  public static boolean isReadable(int formatVersion) {
    return formatVersion >= EVEN_FORMAT_VERSION && formatVersion <= FORMAT_VERSION;
  }

  public static boolean isReadable(String formatVersion) {
    return Integer.toString(EVEN_FORMAT_VERSION).equals(formatVersion)
        || Integer.toString(FORMAT_VERSION).equals(formatVersion);
  }

  /** For messages. */
  public static String readableVersions() {
    return EVEN_FORMAT_VERSION + " and " + FORMAT_VERSION;
  }

  /**
   * Name of the file in which one attempt at a shard is written: the shard's number alone, unless a
   * task or stage before it failed or was too slow.
   *
   * @param stageAttempt Spark's number of the stage attempt, counted from 0
   * @param taskAttempt Spark's number of the task attempt within it, counted from 0
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

  /**
   * Path of the manifest of a version that was withdrawn while newer versions name all of its
   * shards.
   */
  static String withdrawnManifestFile(int version) {
    return String.format(Locale.ROOT, "%s/%05d.withdrawn.json", VERSIONS, version);
  }
}
