/** The optimizer step: gradient clipping, learning rate schedule, AdamW over flat arrays. */
package io.tokenflex.optimizer;
