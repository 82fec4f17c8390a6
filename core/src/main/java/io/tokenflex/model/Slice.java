package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * Storage of a segment's layout.
 *
 * @param values flat, fp32, shape (numElements)
 * @param operands windows of it, one for each operand of the layer's kernel
 */
record Slice(NDArray values, NDList operands) {}
