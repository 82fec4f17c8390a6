/** One HOCON file = one complete run: its sections as records, and what they mean to Spark. */
package io.tokenflex.jobs.config;
