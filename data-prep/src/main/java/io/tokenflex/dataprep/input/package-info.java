/**
 * What a preparation reads: inputs of the settings become files, files become splits that tasks
 * read on their own, and what was read of a split is counted against what was planned.
 */
package io.tokenflex.dataprep.input;
