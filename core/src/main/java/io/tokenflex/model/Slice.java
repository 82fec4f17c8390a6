package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * One array with the layout of a segment: weights or gradients.
 *
 * @param values flat, fp32, shape (numElements)
 * @param operands views of it, one per kernel operand
 */
record Slice(NDArray values, NDList operands) {}
