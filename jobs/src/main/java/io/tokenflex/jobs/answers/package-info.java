/**
 * Rows in, answers out: any table of prompts is answered by one model per executor, in slices that
 * are committed one by one.
 *
 * <p>{@link io.tokenflex.jobs.answers.AnswerJob#run} takes a {@link
 * io.tokenflex.jobs.answers.RowSource} (rows in groups, each row an id, a {@link
 * io.tokenflex.generate.Prompt} and texts to carry along), {@link
 * io.tokenflex.jobs.answers.AnswerSettings}, a model folder with its {@link
 * io.tokenflex.jobs.answers.AnswerModel.Loader}, and a folder for all answers. It gives {@link
 * io.tokenflex.jobs.answers.Answers}: {@code read()} on the driver, or {@code rows()} as Spark's
 * rows for tables of any size.
 *
 * <ul>
 *   <li>A slice is one group at one token count; the counts of a group are answered batch by batch,
 *       so that a picture goes through the tower once, and committed at its end. Its file is
 *       complete or not there, whenever a process is killed; a later run, on any number of
 *       executors, answers the slices that are missing. With another token count only that count is
 *       answered.
 *   <li>The answers lie in a folder named by a digest of the model's files, the precision asked
 *       for, the settings and the {@code fingerprint} of the rows. A run with another model or
 *       other settings has another folder; {@code auto} that means two precisions on two machines
 *       is refused.
 *   <li>A row that the model refuses, or that its source gives as broken, has an empty answer and a
 *       {@code problem}. Above {@code maxBrokenFraction} the job fails at its end, with all answers
 *       kept.
 * </ul>
 *
 * <p>Nothing here knows what answers are for.
 */
package io.tokenflex.jobs.answers;
