/** Randomness that every rank and every resumed run draws alike. */
package io.tokenflex.random;
