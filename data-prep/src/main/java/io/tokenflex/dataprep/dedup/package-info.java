/**
 * Samples that are the same: records that share an id, and the search for duplicates among samples
 * that are known by their fingerprints alone, so that no pictures travel.
 *
 * <p>{@link io.tokenflex.dataprep.dedup.DuplicateSearch} says which samples must go. Its answer
 * depends on the fingerprints only, not on partitions, order or retries.
 */
package io.tokenflex.dataprep.dedup;
