/**
 * Records between source and shard: the common form into which all {@code source} formats are
 * parsed, ids and digests, and the result of validation.
 */
package io.tokenflex.dataprep.record;
