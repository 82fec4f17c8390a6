/**
 * Weights on disk: the safetensors format, one file or a folder of several with its index.
 *
 * <p>The format is read and written by code of our own because we found no maintained Java library
 * of its own for it on Maven Central (safetensors-java was never released there), and DJL's codec
 * in {@code NDList} holds whole files in memory, ends at 2 GiB and cannot widen BF16.
 *
 * <p>{@link io.tokenflex.safetensors.SafetensorsReader} streams one file from any storage; {@link
 * io.tokenflex.safetensors.SafetensorsFolder} reads a folder of the local disk in any order.
 */
package io.tokenflex.safetensors;
