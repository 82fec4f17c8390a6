/**
 * The numerical kernels: one TorchScript resource ({@code kernels.py}) and the class that loads it
 * and calls its functions on {@link ai.djl.ndarray.NDArray}s. Shape letters are in the resource.
 */
package io.tokenflex.kernels;
