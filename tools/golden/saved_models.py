"""Writes published folders as the installed transformers saves them, with PEFT's adapters, for core's import.

Usage: python tools/golden/saved_models.py [core/src/test/resources/golden/whole]

Run it once in each version of transformers; the folders are <version>/<name>, tiny seeded models in the names, words and
files that `save_pretrained` of that version writes: weights, config.json, tokenizer, processor. Beside them lies what
transformers computes, `expected.safetensors` and `expected.json`:
  outputs.features        of `inputs.pixel_values` at the feature layer, without class token
  outputs.text_logits     of `inputs.text_ids`
and, for models with `<name>/adapter`, `outputs.adapted.features` and `outputs.adapted.text_logits` with it.
"""

import json
import sys
from pathlib import Path

import torch
import transformers
from peft import LoraConfig, get_peft_model
from transformers import (
    AutoModelForCausalLM,
    CLIPConfig,
    CLIPImageProcessor,
    CLIPModel,
    CLIPTextConfig,
    CLIPVisionConfig,
    CLIPVisionModel,
    InternVLConfig,
    InternVLForConditionalGeneration,
    InternVLVisionConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen3Config,
    SiglipImageProcessor,
    SiglipVisionConfig,
    SiglipVisionModel,
)

from language_families import LLAMA3, randomize
from whole_golden import TOKENS, Whole, write_json, write_text_files
from write_goldens import FOLDER, SEED

VERSION = transformers.__version__
SIDE = 28
ENDS = [TOKENS + 1, TOKENS + 2]
TEXT = {
    "vocab_size": 312,
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "max_position_embeddings": 128,
    "bos_token_id": None,
    "eos_token_id": ENDS,
    "pad_token_id": None,
}
VISION = {"hidden_size": 16, "intermediate_size": 24, "num_attention_heads": 2, "image_size": SIDE, "patch_size": 7}
LORA = {"r": 2, "lora_alpha": 6, "target_modules": ["q_proj", "v_proj"], "init_lora_weights": False}
SQUARE = {"height": SIDE, "width": SIDE}


def text_files(folder, tokenizer, template, image_token):
    """As the tokenizer class of this version saves the folder's tokenizer; returns the class's instance too."""
    following = write_text_files(folder, tokenizer, template, image_token)
    config = json.loads((folder / "tokenizer_config.json").read_text())
    (folder / "tokenizer_config.json").unlink()
    kept = {key: config[key] for key in ("bos_token", "eos_token", "unk_token", "pad_token") if config.get(key)}
    extra = ["<image>"] if image_token else []
    saved = PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"),
        additional_special_tokens=extra,
        model_max_length=128,
        clean_up_tokenization_spaces=False,
        **{key: value if isinstance(value, str) else value["content"] for key, value in kept.items()},
    )
    saved.chat_template = config["chat_template"]
    saved.save_pretrained(folder)
    return following, saved


@torch.no_grad()
def features(tower, pixel_values, layer):
    siglip = "siglip" in tower.config.model_type
    if layer == -1:
        chosen = tower(pixel_values).last_hidden_state
    else:
        chosen = tower(pixel_values, output_hidden_states=True).hidden_states[layer]
    return chosen if siglip else chosen[:, 1:]


def put(whole, tower, language, layer):
    pixel_values = whole.golden.normal(2, 3, SIDE, SIDE)
    whole.golden.put("inputs.pixel_values", pixel_values)
    whole.golden.put("outputs.features", features(tower, pixel_values, layer))
    whole.put_text(language)


@torch.no_grad()
def put_adapted(whole, model, layer, **changes):
    """An adapter that PEFT saves, of random values, and what the model computes with it."""
    config = LoraConfig(**LORA | changes)
    adapted = get_peft_model(model, config)
    for name, parameter in sorted(adapted.named_parameters()):
        if "lora_" in name or "modules_to_save" in name:
            parameter.add_(whole.golden.normal(*parameter.shape, std=0.2))
    adapted.eval().save_pretrained(whole.folder / "adapter")
    (whole.folder / "adapter/README.md").unlink(missing_ok=True)
    before = whole.golden.tensors["outputs.text_logits"]
    tower = adapted.base_model.model.model.vision_tower
    whole.golden.put("outputs.adapted.features", features(tower, whole.golden.tensors["inputs.pixel_values"], layer))
    logits = adapted(input_ids=whole.golden.tensors["inputs.text_ids"], use_cache=False).logits
    whole.golden.put("outputs.adapted.text_logits", logits)
    if float((logits - before).abs().max()) < 1e-2:
        raise ValueError(f"{whole.name}: the adapter changes nothing")


def clip(layers):
    return CLIPVisionConfig(**VISION, num_hidden_layers=layers)


def parts(root, name, seed, tower, pixels, text):
    """A tower and a language model, each saved by its own class."""
    whole = Whole(root, name, seed)
    randomize(whole.golden, tower)
    tower.save_pretrained(whole.folder / "vision")
    pixels.save_pretrained(whole.folder / "vision")
    (whole.folder / "language").mkdir(exist_ok=True)
    following, _ = text_files(whole.folder / "language", "qwen", "qwen2.5", image_token=False)
    language = randomize(whole.golden, AutoModelForCausalLM.from_config(text))
    language.save_pretrained(whole.folder / "language")
    put(whole, tower, language, -1)
    whole.write(image_token_id=following, counts=[], eos=ENDS)


def clip_tower():
    """The vision half of a two-tower model where it is a model of its own, as in transformers 5."""
    vision = clip(2)
    text = CLIPTextConfig(**TEXT | {"eos_token_id": 1, "bos_token_id": 0, "pad_token_id": 1}, projection_dim=16)
    tower = CLIPModel(CLIPConfig(vision_config=vision.to_dict(), text_config=text.to_dict())).vision_model
    return tower if hasattr(tower, "save_pretrained") else CLIPVisionModel(vision)


def llava(root, seed):
    """With its processor saved whole; the adapter's LM head is a module to save."""
    whole = Whole(root, "llava", seed)
    following, tokenizer = text_files(whole.folder, "llama2", "vicuna", image_token=True)
    text = LlamaConfig(**TEXT, tie_word_embeddings=False, rms_norm_eps=1e-5)
    config = LlavaConfig(vision_config=clip(3), text_config=text, image_token_index=following)
    model = randomize(whole.golden, LlavaForConditionalGeneration(config))
    model.save_pretrained(whole.folder)
    LlavaProcessor(
        image_processor=CLIPImageProcessor(size={"shortest_edge": SIDE}, crop_size=SQUARE),
        tokenizer=tokenizer,
        patch_size=7,
        vision_feature_select_strategy="default",
        image_token="<image>",
        chat_template=tokenizer.chat_template,
    ).save_pretrained(whole.folder)
    put(whole, model.model.vision_tower, model, -2)
    put_adapted(whole, model, -2, rank_pattern={"layers.1.self_attn.q_proj": 3}, modules_to_save=["lm_head"])
    whole.write(image_token_id=following, counts=[], eos=None)


def internvl(root, seed):
    """Tied embeddings, of which the adapter trains the table alone: PEFT leaves the LM head as it was."""
    whole = Whole(root, "internvl", seed)
    following, _ = text_files(whole.folder, "qwen", "qwen3", image_token=False)
    vision = InternVLVisionConfig(
        **VISION | {"image_size": [SIDE, SIDE], "patch_size": [7, 7]}, num_hidden_layers=2, attention_bias=True
    )
    text = Qwen3Config(**TEXT, head_dim=12, tie_word_embeddings=True, rope_theta=1e6)
    config = InternVLConfig(vision_config=vision, text_config=text, image_token_id=0, image_seq_length=4)
    model = randomize(whole.golden, InternVLForConditionalGeneration(config))
    model.tie_weights()
    model.save_pretrained(whole.folder)
    tiles = {"image_processor_type": "GotOcr2ImageProcessor", "processor_class": "InternVLProcessor", "size": SQUARE}
    write_json(whole.folder / "preprocessor_config.json", tiles)
    put(whole, model.model.vision_tower, model, -1)
    put_adapted(whole, model, -1, alpha_pattern={"k_proj|v_proj": 3}, modules_to_save=["embed_tokens"])
    whole.write(image_token_id=following, counts=[], eos=None)


def main():
    root = (Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER / "whole") / VERSION
    torch.set_num_threads(1)
    siglip = SiglipVisionConfig(**VISION, num_hidden_layers=2)
    text = Qwen2Config(**TEXT, tie_word_embeddings=True, rope_theta=1e6)
    parts(root, "siglip_qwen2", SEED + 300, SiglipVisionModel(siglip), SiglipImageProcessor(size=SQUARE), text)
    pixels = CLIPImageProcessor(size={"shortest_edge": SIDE}, crop_size=SQUARE)
    text = LlamaConfig(**TEXT, head_dim=8, tie_word_embeddings=False, rope_theta=1000.0, rope_scaling=dict(LLAMA3))
    parts(root, "clip_llama3", SEED + 301, clip_tower(), pixels, text)
    llava(root, SEED + 302)
    internvl(root, SEED + 303)


if __name__ == "__main__":
    main()
