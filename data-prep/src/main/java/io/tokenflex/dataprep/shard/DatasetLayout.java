package io.tokenflex.dataprep.shard;

import java.util.Locale;

/** Names within a dataset folder and the version of its format. */
public final class DatasetLayout {
  /** Raised when a reader of the old version could misread the new one. */
  public static final int FORMAT_VERSION = 2;

  /** Key of the version in every Parquet footer. */
  public static final String FORMAT_VERSION_KEY = "tokenflex.format.version";

  /** Folder of the manifests, one for each version of the dataset. */
  public static final String VERSIONS = "versions";

  /** Folder of the runs' folders, each with the shards and rejects that one run wrote. */
  public static final String DATA = "data";

  /** The rejects table within a run's folder. */
  public static final String REJECTS = "rejects.parquet";

  private DatasetLayout() {}

  /** Shards are named by their number alone, whoever wrote them and however often. */
  public static String shardName(int shard) {
    return String.format(Locale.ROOT, "shard-%05d.parquet", shard);
  }

  /** Path of a version's manifest within the dataset folder. */
  public static String manifestFile(int version) {
    return String.format(Locale.ROOT, "%s/%05d.json", VERSIONS, version);
  }
}
