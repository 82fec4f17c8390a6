/**
 * Raw input as it lies on a file system: the records of a JSON array or JSON-lines file, cut into
 * splits that tasks read on their own, and the folder of images beside it. Knows nothing of what a
 * record means.
 */
package io.tokenflex.dataprep.source;
