/**
 * A record between source and shard: what every {@code source} format reads it into, its id and
 * digest, and what a check makes of it.
 */
package io.tokenflex.dataprep.record;
