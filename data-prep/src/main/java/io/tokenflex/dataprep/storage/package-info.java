/**
 * Hadoop's file systems as data-prep uses them: the storage that datasets and checkpoints lie on,
 * the publication of a manifest on it, and paths as Hadoop and Spark want them.
 */
package io.tokenflex.dataprep.storage;
