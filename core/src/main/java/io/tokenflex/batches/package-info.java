/**
 * From samples to micro-batches of token ids and pixels, made ahead of the step that trains on
 * them; what becomes of samples that cannot be trained on.
 */
package io.tokenflex.batches;
