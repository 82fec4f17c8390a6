/** The device of a task, which Spark assigns, and what becomes of an executor whose GPU failed. */
package io.tokenflex.jobs.device;
