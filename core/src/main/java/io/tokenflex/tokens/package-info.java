/** The number of vision tokens per image, and how it is drawn for every step. */
package io.tokenflex.tokens;
