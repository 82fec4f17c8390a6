/** What a failure means: whether another attempt can help, what to tell, with which exit status. */
package io.tokenflex.jobs.failure;
