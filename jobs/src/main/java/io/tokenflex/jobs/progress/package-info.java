/** What a person sees while a job runs. */
package io.tokenflex.jobs.progress;
