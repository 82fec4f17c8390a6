/**
 * Makes a dataset folder from raw image-text records on Spark: {@link
 * io.tokenflex.dataprep.prepare.DatasetPreparation} reads, checks, rejects, shuffles and publishes.
 * How records are read is in {@code source}, what is refused in {@code validate}, what comes out in
 * {@code dataset} and {@code shard}.
 */
package io.tokenflex.dataprep.prepare;
