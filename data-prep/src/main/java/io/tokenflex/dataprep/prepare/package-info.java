/**
 * Creates a dataset from raw image-text records with Spark: {@link
 * io.tokenflex.dataprep.prepare.DatasetPreparation} reads, validates, deduplicates, shuffles and
 * publishes. Formats are in {@code source}, checks in {@code validate}, the result in {@code
 * dataset} and {@code shard}.
 */
package io.tokenflex.dataprep.prepare;
