/**
 * The TokenFLEX model as a sequence of kernels over flat parameter arrays: a ViT, the
 * token-adaptive projector and a decoder of the Qwen2, Qwen3 or Llama family.
 *
 * <p>Configuration ({@link io.tokenflex.model.ModelConfig}), weights ({@link
 * io.tokenflex.model.ParameterArena}) and activations ({@link io.tokenflex.model.Tape}) are
 * separate types. Names of local variables carry shapes: B samples, I images, P patches, V vision
 * tokens per image, T sequence (in the vision tower: patches and class token), D hidden size, Dv
 * vision hidden size, N heads, K key/value heads, H head dimension, C channels, Y/X pixel rows and
 * columns.
 */
package io.tokenflex.model;
