package io.tokenflex.model;

/**
 * Which rows of a pass belong to which sequence of a key/value cache.
 *
 * @param slots row of each sequence in the cache
 * @param starts cached positions of each sequence before the pass
 * @param counts new rows of each sequence; they follow each other in this order
 */
@SuppressWarnings("ArrayRecordComponent") // passed straight to a kernel, never compared
record NewRows(long[] slots, long[] starts, long[] counts) {}
