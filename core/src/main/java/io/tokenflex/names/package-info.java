/**
 * Tensor names of published models, one {@link io.tokenflex.names.NameTable} per family. The model
 * itself uses a single set of names.
 */
package io.tokenflex.names;
