/**
 * Offline evaluation: every held-out question is answered at every token count, by one model per
 * executor, and the answers are compared, counted and timed.
 */
package io.tokenflex.jobs.evaluate;
