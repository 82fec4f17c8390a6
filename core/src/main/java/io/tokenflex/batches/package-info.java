/**
 * Turns samples into micro-batches of token ids and pixels, prefetched ahead of the step that
 * trains on them, and applies the policy for samples that cannot be trained on.
 */
package io.tokenflex.batches;
