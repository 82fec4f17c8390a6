/**
 * Samples, sample sources, and the training order, which does not depend on the number of ranks.
 */
package io.tokenflex.samples;
