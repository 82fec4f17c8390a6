/** What a run can train on: known from texts and picture sizes alone, before its first step. */
package io.tokenflex.jobs.samples;
