/**
 * CUDA's runtime library through JNA: the very copy that PyTorch uses, found through {@code
 * libtorch_cuda.so}, so that streams, events and memory are the same in both.
 */
package io.tokenflex.cuda;
