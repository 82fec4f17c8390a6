/**
 * Interface for judging samples by criteria outside this module, such as whether a certain model
 * can be trained on them.
 */
package io.tokenflex.dataprep.judge;
