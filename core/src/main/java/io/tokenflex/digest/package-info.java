/** Digests: the identity of files, pixels, settings and weights. */
package io.tokenflex.digest;
