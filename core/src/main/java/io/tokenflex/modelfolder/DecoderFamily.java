package io.tokenflex.modelfolder;

import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.model.LanguageConfig;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The supported families of published decoders. */
public enum DecoderFamily {
  /** Qwen2 and Qwen2.5. */
  QWEN2("qwen2", "Qwen2ForCausalLM", true, false),
  /** Qwen3, dense models only. */
  QWEN3("qwen3", "Qwen3ForCausalLM", false, true),
  /** Llama 2 and 3. */
  LLAMA("llama", "LlamaForCausalLM", false, false);

  private final String modelType;
  private final String architecture;
  private final boolean qkvBias;
  private final boolean qkNorm;

  DecoderFamily(String modelType, String architecture, boolean qkvBias, boolean qkNorm) {
    this.modelType = modelType;
    this.architecture = architecture;
    this.qkvBias = qkvBias;
    this.qkNorm = qkNorm;
  }

  /** The family whose architecture equals this decoder's. */
  public static DecoderFamily of(LanguageConfig language) {
    return Arrays.stream(values())
        .filter(family -> family.qkvBias == language.qkvBias())
        .filter(family -> family.qkNorm == language.qkNorm())
        .findFirst()
        .orElseThrow();
  }

  /**
   * The family with this {@code model_type}.
   *
   * @throws IllegalArgumentException naming the supported families
   */
  public static DecoderFamily ofModelType(String modelType) {
    return Arrays.stream(values())
        .filter(family -> family.modelType.equals(modelType))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "model_type is %s; expected one of %s: take a model of these families"
                        .formatted(
                            modelType,
                            Arrays.stream(values())
                                .map(DecoderFamily::modelType)
                                .collect(Collectors.joining(", ")))));
  }

  /** {@code model_type} in {@code config.json}. */
  public String modelType() {
    return modelType;
  }

  /** The transformers class of the decoder. */
  public String architecture() {
    return architecture;
  }

  boolean qkvBias() {
    return qkvBias;
  }

  boolean qkNorm() {
    return qkNorm;
  }
}
