package io.tokenflex.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.kernels.KernelLibrary;

/**
 * One layer of the vision transformer: x_ITD -> x_ITD without its first {@code dropTokens} tokens.
 */
record VisionLayer(
    KernelLibrary kernels,
    VisionConfig config,
    ComputeType type,
    Segment segment,
    NDList w,
    NDList b,
    NDList qkvBias,
    NDList norm1,
    NDList norm2,
    NDList qkNorm,
    NDList scale,
    int dropTokens)
    implements Layer {
  @Override
  public NDArray forward(NDManager owner, NDArray x_ITD) {
    return kernels.call(
        owner,
        "vision_layer",
        x_ITD,
        w,
        b,
        qkvBias,
        norm1,
        norm2,
        qkNorm,
        scale,
        config.numAttentionHeads(),
        config.hiddenAct().kernelCode(),
        dropTokens,
        config.layerNormEps(),
        type);
  }

  @Override
  public NDList record(NDManager owner, NDArray x_ITD) {
    if (!scale.isEmpty()) {
      return Layer.super.record(owner, x_ITD);
    }
    return new NDList(
        kernels.callForList(
            owner,
            "vision_layer_recorded",
            x_ITD,
            w,
            b,
            qkvBias,
            norm1,
            norm2,
            qkNorm,
            config.numAttentionHeads(),
            config.hiddenAct().kernelCode(),
            dropTokens,
            config.layerNormEps(),
            type));
  }

  @Override
  public NDArray[] addGradients(
      KernelLibrary kernels, NDManager owner, NDList recorded, NDList inputs, NDArray dy) {
    if (!scale.isEmpty()) {
      return Layer.super.addGradients(kernels, owner, recorded, inputs, dy);
    }
    return kernels.callForList(
        owner,
        "vision_layer_vjp",
        recorded.get(1),
        recorded.get(2),
        inputs,
        segment.leaves(),
        dy,
        segment.leafGradients(),
        w,
        b,
        norm2,
        config.hiddenAct().kernelCode(),
        config.layerNormEps(),
        type);
  }
}
