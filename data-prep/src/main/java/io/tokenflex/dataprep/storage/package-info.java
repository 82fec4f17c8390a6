/**
 * Hadoop's file systems as data-prep uses them: the one act that publishes a file under a name that
 * nobody else can take, and paths as Hadoop and Spark want them.
 */
package io.tokenflex.dataprep.storage;
