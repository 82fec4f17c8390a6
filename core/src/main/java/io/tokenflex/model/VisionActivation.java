package io.tokenflex.model;

import java.util.Arrays;
import java.util.Optional;

/** Activation function of a vision tower's MLP. */
public enum VisionActivation {
  /** GELU, tanh approximation. */
  GELU_TANH("gelu_pytorch_tanh", 0),

  /** {@code x * Phi(x)} (Hendrycks and Gimpel, arXiv 1606.08415). */
  GELU("gelu", 1),

  /** {@code x * sigmoid(1.702 x)}. */
  QUICK_GELU("quick_gelu", 2);

  private final String hiddenAct;
  private final int kernelCode;

  VisionActivation(String hiddenAct, int kernelCode) {
    this.hiddenAct = hiddenAct;
    this.kernelCode = kernelCode;
  }

  /** The value of {@code hidden_act} in a published {@code config.json}. */
  public String hiddenAct() {
    return hiddenAct;
  }

  /** The activation with the value {@code hiddenAct} in a published {@code config.json}. */
  public static Optional<VisionActivation> of(String hiddenAct) {
    return Arrays.stream(values()).filter(act -> act.hiddenAct.equals(hiddenAct)).findFirst();
  }

  /** Value of the argument {@code act} of the kernel {@code vision_act}. */
  int kernelCode() {
    return kernelCode;
  }
}
