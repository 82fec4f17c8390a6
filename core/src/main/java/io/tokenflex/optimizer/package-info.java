/** From gradients to new weights: clipping, learning rate, AdamW over flat slices. */
package io.tokenflex.optimizer;
