/**
 * Files that several processes share: one interface for disks, HDFS and object stores, and the one
 * act on it that makes something visible.
 *
 * <p>{@link io.tokenflex.storage.Storage} has no renaming, which is no single act on an object
 * store. What must appear at once is one small file that names all the others, and {@link
 * io.tokenflex.storage.Publication} creates it on condition that its name is free.
 */
package io.tokenflex.storage;
