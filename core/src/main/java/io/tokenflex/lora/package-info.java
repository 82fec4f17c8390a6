/**
 * LoRA: which layers of a model get low-rank adapters, and adapters in the format of Hugging Face's
 * PEFT.
 *
 * <p>The computation is in {@link io.tokenflex.model.LowRankAdapters}, the file format in {@link
 * io.tokenflex.lora.PeftAdapter}.
 */
package io.tokenflex.lora;
