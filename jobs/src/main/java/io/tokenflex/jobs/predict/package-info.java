/**
 * A team's own table of pictures or a prepared dataset, answered: {@link
 * io.tokenflex.jobs.predict.PredictJob} brings rows into groups that do not change and leaves
 * answering, committing and resuming to {@link io.tokenflex.jobs.answers}.
 */
package io.tokenflex.jobs.predict;
