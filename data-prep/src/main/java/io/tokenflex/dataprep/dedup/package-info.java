/**
 * Duplicates: records that share an id, and samples with equal or similar content. The search uses
 * fingerprints only, so no images are shuffled.
 *
 * <p>The result of {@link io.tokenflex.dataprep.dedup.DuplicateSearch} depends on the fingerprints
 * only, not on partitions, order or retries.
 */
package io.tokenflex.dataprep.dedup;
