package io.tokenflex.dataprep.shard;

/** Names within a dataset folder and the version of its format. */
public final class DatasetLayout {
  /** Raised when a reader of the old version could misread the new one. */
  public static final int FORMAT_VERSION = 1;

  /** Key of the version in every Parquet footer. */
  public static final String FORMAT_VERSION_KEY = "tokenflex.format.version";

  public static final String MANIFEST = "manifest.json";
  public static final String REJECTS = "rejects/rejects.parquet";

  private DatasetLayout() {}

  /** Shards are named by their number alone, whoever wrote them and however often. */
  public static String shardName(int shard) {
    return "shard-%05d.parquet".formatted(shard);
  }
}
