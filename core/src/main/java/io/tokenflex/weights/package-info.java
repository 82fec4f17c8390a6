/** Weights on disk: the safetensors format and the model folder. */
package io.tokenflex.weights;
