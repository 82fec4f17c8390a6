/**
 * The numerical kernels: one TorchScript class ({@code kernels.py} and its parts) and the class
 * that loads it and calls its functions on {@link ai.djl.ndarray.NDArray}s. Shape letters are in
 * {@code kernels.py}.
 */
package io.tokenflex.kernels;
