/**
 * The safetensors format: single files, and folders of shards with an index.
 *
 * <p>We found no maintained Java library for it on Maven Central (safetensors-java was never
 * released there). DJL's codec in {@code NDList} holds whole files in memory, is limited to 2 GiB
 * and cannot convert BF16.
 *
 * <p>{@link io.tokenflex.safetensors.SafetensorsReader} streams one file from any storage; {@link
 * io.tokenflex.safetensors.SafetensorsFolder} gives random access to a local folder.
 */
package io.tokenflex.safetensors;
