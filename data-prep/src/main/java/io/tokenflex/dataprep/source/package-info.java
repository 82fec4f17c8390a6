/**
 * Input formats. Each {@link io.tokenflex.dataprep.source.SourceFormat} plans splits that tasks
 * read independently and parses them into {@code record}s; {@link
 * io.tokenflex.dataprep.source.ImageFolder} reads the images that records name.
 */
package io.tokenflex.dataprep.source;
