/**
 * The names that published models give their tensors. Everything that differs from family to family
 * is said here, once, as a {@link io.tokenflex.names.NameTable}; the model itself knows one set of
 * names.
 */
package io.tokenflex.names;
