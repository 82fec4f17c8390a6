/**
 * Parameter-efficient training: which layers of a model get low-rank adapters (LoRA), and the
 * adapters in the format of Hugging Face's PEFT.
 *
 * <p>What an adapter computes is {@link io.tokenflex.model.LowRankAdapters}; the format on disk is
 * {@link io.tokenflex.lora.PeftAdapter}'s.
 */
package io.tokenflex.lora;
