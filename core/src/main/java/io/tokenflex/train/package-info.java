/**
 * The training loop: configuration, one optimizer step, and the loop over steps with checkpoints.
 *
 * <p>{@link io.tokenflex.train.Trainer} is the run, from its start or its newest checkpoint to the
 * last step; {@code TrainStep} is one step.
 */
package io.tokenflex.train;
