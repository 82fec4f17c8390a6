/**
 * The numerical kernels: a TorchScript class ({@code kernels.py} and its parts), and the Java class
 * that compiles it and calls its functions on {@link ai.djl.ndarray.NDArray}s. {@code kernels.py}
 * explains the shape letters.
 */
package io.tokenflex.kernels;
