/**
 * Published models: what their folders hold, under which names, and how that becomes ours.
 *
 * <p>Everything that differs from family to family is said here, once, as a table; the model itself
 * knows one set of names.
 */
package io.tokenflex.convert;
