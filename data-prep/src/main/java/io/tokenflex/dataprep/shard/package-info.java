/**
 * The Parquet files of a dataset: shards and rejects tables, with writers and readers. {@code
 * docs/format/shards.md} specifies them.
 */
package io.tokenflex.dataprep.shard;
