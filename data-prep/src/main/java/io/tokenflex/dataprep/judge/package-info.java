/**
 * Whether samples serve a use that this module does not know, such as training of a certain model.
 */
package io.tokenflex.dataprep.judge;
