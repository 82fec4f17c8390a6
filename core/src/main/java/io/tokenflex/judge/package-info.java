/**
 * Models that judge answers which rules cannot: what they are asked, what their replies mean, when
 * they are asked again. A judge that fails leaves a row unscored, never wrong.
 */
package io.tokenflex.judge;
