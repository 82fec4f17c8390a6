/**
 * The dataset folder: versions, their manifests, and what expires. {@code docs/format/shards.md} is
 * the contract.
 */
package io.tokenflex.dataprep.dataset;
