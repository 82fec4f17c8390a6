/** Classifies failures: whether a retry can help, the message for the user, and the exit status. */
package io.tokenflex.jobs.failure;
