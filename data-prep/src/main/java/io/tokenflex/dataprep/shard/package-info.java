/**
 * The Parquet files of a dataset, shards of samples and the rejects table, each with its writer and
 * reader. {@code docs/format/shards.md} is the contract.
 */
package io.tokenflex.dataprep.shard;
