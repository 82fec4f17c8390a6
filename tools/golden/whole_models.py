"""Writes published models as folders, and what they compute, for core's import and export.

Usage: python tools/golden/whole_models.py [core/src/test/resources/golden/whole]

Every folder is one that a hub would hold, of a tiny seeded model: config, weights, tokenizer, image processor. Beside
them lies what transformers makes of it, `expected.safetensors` and `expected.json`:
  outputs.features        of `inputs.pixel_values` at the feature layer, without class token
  outputs.text_logits     of `inputs.text_ids`
and for models whose projector is taken, at each number n of vision tokens,
  outputs.logits.n, outputs.loss.n    of `inputs.input_ids.n` (two pictures) and `inputs.labels.n`, the loss summed
  outputs.generate.n      greedy ids behind `inputs.prompt_ids.n`
"""

import importlib.util
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import (
    AutoModelForCausalLM,
    CLIPVisionConfig,
    InternVLConfig,
    InternVLForConditionalGeneration,
    InternVLVisionConfig,
    InternVLVisionModel,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    Qwen2Config,
    Qwen3Config,
    SiglipVisionConfig,
    SiglipVisionModel,
)

from language_families import LLAMA3, randomize
from reference import Projector, TokenFlex
from vision_families import original, original_config
from whole_golden import TOKENS, Whole, features, write_json, write_text_files
from write_goldens import FOLDER, SEED

CODE = Path(__file__).resolve().parents[2] / "core/src/main/resources/io/tokenflex/convert/modeling_tokenflex.py"
COUNTS = (4, 9, 16)
NEW_TOKENS = 8
END = TOKENS + 2  # some special token
VOCAB = 312  # rows of an embedding table: more than there are tokens, as Qwen has
NO_SPECIAL_TOKENS = {"bos_token_id": None, "eos_token_id": None, "pad_token_id": None}
TEXT = {
    "vocab_size": VOCAB,
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "max_position_embeddings": 128,
    **NO_SPECIAL_TOKENS,
}
QWEN2 = Qwen2Config(**TEXT, tie_word_embeddings=False, rope_theta=1e6)
QWEN2_TIED = Qwen2Config(**TEXT, tie_word_embeddings=True)
QWEN3 = Qwen3Config(**TEXT, head_dim=12, tie_word_embeddings=True, rope_theta=1e6)
LLAMA3_TEXT = LlamaConfig(**TEXT, head_dim=8, tie_word_embeddings=False, rope_theta=1000.0, rope_scaling=LLAMA3)
LLAMA2_TEXT = LlamaConfig(**TEXT, tie_word_embeddings=False, rms_norm_eps=1e-5)
VISION = {"hidden_size": 16, "intermediate_size": 24, "num_attention_heads": 2}
SIGLIP_PIXELS = {"image_processor_type": "SiglipImageProcessor", "resample": 3}
CLIP_PIXELS = {"image_processor_type": "CLIPImageProcessor", "do_convert_rgb": True}
TILES = {"image_processor_type": "GotOcr2ImageProcessor", "processor_class": "InternVLProcessor"}


def modeling_tokenflex():
    spec = importlib.util.spec_from_file_location("modeling_tokenflex", CODE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def siglip(side, **changes):
    return SiglipVisionConfig(**VISION | {"num_hidden_layers": 2, "image_size": side, "patch_size": 6} | changes)


def clip(layers):
    return CLIPVisionConfig(**VISION, num_hidden_layers=layers, image_size=28, patch_size=7)


def internvl(side):
    return InternVLVisionConfig(**VISION, num_hidden_layers=2, image_size=side, patch_size=7, attention_bias=True)


def tokenflex(root, name, seed, vision, text, layer, tokenizer, template, pixels, pooling="adaptive"):
    """As TokenFLEX's own code in transformers saves it."""
    code = modeling_tokenflex()
    whole = Whole(root, name, seed)
    image_token_id = write_text_files(whole.folder, tokenizer, template, image_token=True)
    config = code.TokenFlexConfig(
        vision_config=vision,
        text_config=text,
        image_token_id=image_token_id,
        vision_token_counts=COUNTS,
        vision_feature_layer=layer,
        projector_config={"intermediate_size": 40, "layer_norm_eps": 1e-5, "pooling": pooling},
    )
    model = randomize(whole.golden, code.TokenFlexForConditionalGeneration(config))
    location = "modeling_tokenflex.TokenFlexForConditionalGeneration"
    model.config.auto_map = {
        "AutoConfig": "modeling_tokenflex.TokenFlexConfig",
        "AutoModel": location,
        "AutoModelForCausalLM": location,
    }
    model.save_pretrained(whole.folder)
    write_json(whole.folder / "generation_config.json", {"do_sample": False, "eos_token_id": [END, END + 1]})
    write_json(whole.folder / "preprocessor_config.json", pixels)
    pixel_values = whole.put_halves(model.vision_model, model.language_model, layer)

    def generate(prompt, n):
        answer = model.generate(
            prompt,
            pixel_values,
            n,
            max_new_tokens=NEW_TOKENS,
            do_sample=False,
            pad_token_id=0,
            return_dict_in_generate=True,
            output_scores=True,
        )
        best = torch.stack(answer.scores).topk(2).values
        return answer.sequences, float((best[..., 0] - best[..., 1]).min())

    def logits_of(input_ids, n):
        return model(input_ids, pixel_values, n, use_cache=False).logits

    whole.put_whole(image_token_id, COUNTS, logits_of, generate)
    whole.write(image_token_id=image_token_id, counts=COUNTS)


def sub_config(config, *architecture):
    content = json.loads(config.to_json_string(use_diff=True))
    return content | ({"architectures": list(architecture)} if architecture else {})


def ristretto(root, seed):
    """The names and words of the published Ristretto-3B, whose pooling enlarges the grid first."""
    whole = Whole(root, "ristretto", seed)
    image_token_id = write_text_files(whole.folder, "qwen", "qwen2.5", image_token=True)
    vision = siglip(30)
    model = TokenFlex(vision, QWEN2, image_token_id)
    model.projector = Projector(vision.hidden_size, QWEN2.hidden_size, pooling="interpolated")
    randomize(whole.golden, model)
    renamed = {}
    for key, tensor in model.state_dict().items():
        part, _, rest = key.partition(".")
        inner = {"vision_model": "vision_model.", "projector": "mlp.", "language_model": ""}[part]
        renamed[f"{part}.{inner}{rest}"] = tensor.contiguous()
    save_file(renamed, whole.folder / "model.safetensors", metadata={"format": "pt"})
    config = {
        "architectures": ["RistrettoModel"],
        "model_type": "ristretto",
        "vision_config": sub_config(vision),
        "llm_config": sub_config(QWEN2, "Qwen2ForCausalLM"),
        "select_layer": -1,
        "force_image_size": 30,
        "dynamic_image_size": True,
        "min_dynamic_patch": 1,
        "max_dynamic_patch": 10,
        "use_thumbnail": True,
        "torch_dtype": "float32",
    }
    write_json(whole.folder / "config.json", config)
    tower = SiglipVisionModel(vision).eval()
    tower.vision_model.load_state_dict(model.vision_model.state_dict())
    pixel_values = whole.put_halves(tower, model.language_model, -1)
    whole.put_whole(
        image_token_id,
        (4, 9),
        lambda input_ids, n: model(input_ids, pixel_values, n)[2],
        lambda prompt, n: model.generate(prompt, pixel_values, n, NEW_TOKENS),
    )
    whole.write(image_token_id=image_token_id, counts=(4, 9))


def llava(root, seed):
    whole = Whole(root, "llava", seed)
    image_token_id = write_text_files(whole.folder, "llama2", "vicuna", image_token=True)
    config = LlavaConfig(vision_config=clip(3), text_config=LLAMA2_TEXT, image_token_id=image_token_id)
    model = randomize(whole.golden, LlavaForConditionalGeneration(config))
    model.save_pretrained(whole.folder)
    (whole.folder / "generation_config.json").unlink()
    square = {"height": 28, "width": 28}
    write_json(whole.folder / "preprocessor_config.json", CLIP_PIXELS | {"size": {"shortest_edge": 28}, "crop_size": square})
    whole.put_halves(model.model.vision_tower, model, config.vision_feature_layer)
    whole.write(image_token_id=image_token_id, counts=[])


def internvl_ported(root, seed):
    whole = Whole(root, "internvl", seed)
    following = write_text_files(whole.folder, "qwen", "qwen3", image_token=False)
    config = InternVLConfig(vision_config=internvl(28), text_config=QWEN3, image_token_id=0, image_seq_length=4)
    model = randomize(whole.golden, InternVLForConditionalGeneration(config))
    model.save_pretrained(whole.folder)
    (whole.folder / "generation_config.json").unlink()
    write_json(whole.folder / "preprocessor_config.json", TILES | {"size": {"height": 28, "width": 28}})
    whole.put_halves(model.model.vision_tower, model, config.vision_feature_layer)
    whole.write(image_token_id=following, counts=[])


def internvl_chat(root, seed):
    """OpenGVLab's own folders: their names, q, k and v stacked, no image processor."""
    whole = Whole(root, "internvl_chat", seed)
    following = write_text_files(whole.folder, "qwen", "qwen2.5", image_token=False)
    tower = whole.golden.randomize(InternVLVisionModel(internvl(28)))
    language = randomize(whole.golden, AutoModelForCausalLM.from_config(QWEN2))
    state = {f"vision_model.{key}": tensor for key, tensor in original(tower.state_dict()).items()}
    state |= {f"language_model.{key}": tensor for key, tensor in language.state_dict().items()}
    width = VISION["hidden_size"] * 4
    for key, shape in {"0": (width,), "1": (16, width), "3": (16, 16)}.items():
        state[f"mlp1.{key}.weight"] = whole.golden.normal(*shape)
        state[f"mlp1.{key}.bias"] = whole.golden.normal(shape[0])
    state = {key: tensor.contiguous() for key, tensor in state.items()}
    save_file(state, whole.folder / "model.safetensors", metadata={"format": "pt"})
    style = {"norm_type": "layer_norm", "qkv_bias": True, "qk_normalization": False, "hidden_act": "gelu"}
    config = {
        "architectures": ["InternVLChatModel"],
        "model_type": "internvl_chat",
        "vision_config": original_config(tower, **style),
        "llm_config": sub_config(QWEN2, "Qwen2ForCausalLM"),
        "select_layer": -1,
        "force_image_size": 28,
        "downsample_ratio": 0.5,
        "ps_version": "v2",
        "template": "internvl2_5",
        "dynamic_image_size": True,
        "min_dynamic_patch": 1,
        "max_dynamic_patch": 12,
        "use_thumbnail": True,
        "use_backbone_lora": 0,
        "torch_dtype": "float32",
    }
    write_json(whole.folder / "config.json", config)
    whole.put_halves(tower, language, -1)
    whole.write(image_token_id=following, counts=[])


def parts(root, seed):
    """A tower and a language model apart; the tokenizer fills every row, so an image token needs one more."""
    whole = Whole(root, "parts", seed)
    tower = whole.golden.randomize(SiglipVisionModel(siglip(30)))
    tower.save_pretrained(whole.folder / "vision")
    pixels = SIGLIP_PIXELS | {"size": {"height": 30, "width": 30}}
    write_json(whole.folder / "vision/preprocessor_config.json", pixels)
    (whole.folder / "language").mkdir(exist_ok=True)
    following = write_text_files(whole.folder / "language", "qwen", "qwen2.5", image_token=False)
    config = Qwen2Config(**TEXT | {"vocab_size": following}, tie_word_embeddings=False)
    language = randomize(whole.golden, AutoModelForCausalLM.from_config(config))
    language.save_pretrained(whole.folder / "language")
    (whole.folder / "language/generation_config.json").unlink()
    whole.put_halves(tower, language, -1)
    larger = whole.golden.normal(1, 3, 42, 42)
    whole.golden.put("inputs.larger.pixel_values", larger)
    enlarged = features(tower, larger, -1, interpolate_pos_encoding=True)
    whole.golden.put("outputs.larger.features", enlarged)
    whole.write(image_token_id=following, counts=[])


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER / "whole"
    torch.set_num_threads(1)
    square = {"height": 33, "width": 33}
    tokenflex(
        root,
        "tokenflex_siglip_qwen2",
        SEED + 200,
        siglip(33, vision_use_head=False),
        QWEN2_TIED,
        -1,
        "qwen",
        "qwen2.5",
        SIGLIP_PIXELS | {"size": square},
    )
    square = {"height": 28, "width": 28}
    tokenflex(
        root,
        "tokenflex_clip_llama3",
        SEED + 201,
        clip(3),
        LLAMA3_TEXT,
        -2,
        "llama3",
        "llama3.1",
        CLIP_PIXELS | {"size": {"shortest_edge": 28}, "crop_size": square},
    )
    square = {"height": 42, "width": 42}
    tokenflex(
        root,
        "tokenflex_internvl_qwen3",
        SEED + 202,
        internvl(42),
        QWEN3,
        -1,
        "qwen",
        "qwen3",
        TILES | {"size": square},
    )
    ristretto(root, SEED + 203)
    llava(root, SEED + 204)
    internvl_ported(root, SEED + 205)
    internvl_chat(root, SEED + 206)
    parts(root, SEED + 207)


if __name__ == "__main__":
    main()
