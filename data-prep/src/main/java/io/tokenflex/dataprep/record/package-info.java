/**
 * A record between source and shard: what every {@code source} format reads it into, and what a
 * check says when it refuses one.
 */
package io.tokenflex.dataprep.record;
