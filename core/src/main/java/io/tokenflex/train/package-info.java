/**
 * The training loop: configuration, one optimizer step, and the loop over steps with checkpoints.
 *
 * <p>{@link io.tokenflex.train.Trainer} is the algorithm on one screen.
 */
package io.tokenflex.train;
