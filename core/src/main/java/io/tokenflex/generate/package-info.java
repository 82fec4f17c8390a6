/**
 * Answers questions about images: decoding in batches with a key/value cache, greedy or sampled.
 */
package io.tokenflex.generate;
