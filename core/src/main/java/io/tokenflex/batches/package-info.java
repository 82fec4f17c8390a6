/**
 * From stored samples to token and pixel batches: what a sample is, in which order samples come,
 * how text becomes token ids with labels, how micro-batches are cut.
 */
package io.tokenflex.batches;
