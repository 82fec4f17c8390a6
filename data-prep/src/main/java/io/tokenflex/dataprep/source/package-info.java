/**
 * Raw input as it lies on a file system. One small class for each {@link
 * io.tokenflex.dataprep.source.SourceFormat} cuts files into splits that tasks read on their own
 * and turns them into {@code record}s; {@link io.tokenflex.dataprep.source.ImageFolder} is where
 * images lie that a record names.
 */
package io.tokenflex.dataprep.source;
