/**
 * The dataset folder: versions, manifests and expiry. {@code docs/format/shards.md} specifies it.
 */
package io.tokenflex.dataprep.dataset;
