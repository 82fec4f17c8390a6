/**
 * The dataset folder: Parquet shards of samples, the rejects table and the manifest, each with its
 * writer and reader. {@code docs/format/shards.md} is the contract.
 */
package io.tokenflex.dataprep.shard;
