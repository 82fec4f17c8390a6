"""Writes the goldens of the published vision towers; see README.md for the conventions.

Every fixture holds what a published folder would: the tensors under the names that `save_pretrained`
writes (`published.*`) and, beside them, `config.json`'s text with what it leaves to the defaults.
InternViT's original folders need code of their own to run; their tensors and gradients are those of
the port in transformers, renamed and with q, k and v stacked.
"""

import argparse
import json
import re

import torch
from transformers import (
    CLIPConfig,
    CLIPModel,
    CLIPVisionConfig,
    CLIPVisionModel,
    InternVLVisionConfig,
    InternVLVisionModel,
    SiglipConfig,
    SiglipModel,
    SiglipVisionConfig,
    SiglipVisionModel,
)

from write_goldens import FOLDER, SEED, Golden

AREA = FOLDER / "vision"
TEXT = {
    "hidden_size": 8,
    "intermediate_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 1,
    "vocab_size": 10,
    "max_position_embeddings": 4,
}


def published_config(model):
    """What save_pretrained writes: keys at their default are left out."""
    return json.loads(model.config.to_json_string(use_diff=True))


def tower_golden(name, seed, model, feature_layer, side, rename=None, config=None):
    """Runs a tower and stores it under its published names.

    side: pixels along one side of the picture
    rename: turns {name: tensor} of the module into what the family's own folders hold
    """
    golden = Golden(name, seed)
    golden.randomize(model)
    tower = getattr(model, "vision_model", model)
    pixel_values = golden.normal(2, 3, side, side)
    output = tower(pixel_values=pixel_values, output_hidden_states=True)
    siglip = isinstance(model, (SiglipModel, SiglipVisionModel))
    last = siglip and feature_layer == -1
    features = output.last_hidden_state if last else output.hidden_states[feature_layer]
    if not siglip:
        features = features[:, 1:]
    upstream = golden.normal(*features.shape)
    (features * upstream).sum().backward()

    rename = rename or (lambda tensors: tensors)
    golden.put("inputs.pixel_values", pixel_values)
    golden.put("inputs.upstream", upstream)
    for key, tensor in rename(model.state_dict()).items():
        golden.put(f"published.{key}", tensor)
    for k, hidden_states in enumerate(output.hidden_states):
        golden.put(f"outputs.hidden_states.{k}", hidden_states)
    golden.put("outputs.features", features)
    grads = {key: p.grad for key, p in model.named_parameters() if p.grad is not None}
    for key, tensor in rename(grads).items():
        golden.put(f"grads.{key}", tensor)
    return golden, {"config": config or published_config(model), "feature_layer": feature_layer}


def siglip(feature_layer, name, seed):
    """With the pooling head that published folders hold; the last pixels fill no patch."""
    config = SiglipVisionConfig(
        hidden_size=16,
        intermediate_size=24,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=30,
        patch_size=7,
    )
    return tower_golden(name, seed, SiglipVisionModel(config), feature_layer, 30)


def siglip2(name, seed):
    """SigLIP 2 at a fixed resolution is published as a SiglipModel, text tower and all."""
    vision = {
        "hidden_size": 12,
        "intermediate_size": 20,
        "num_hidden_layers": 3,
        "num_attention_heads": 3,
        "image_size": 32,
    }
    model = SiglipModel(SiglipConfig(text_config=TEXT | {"projection_size": 12}, vision_config=vision))
    return tower_golden(name, seed, model, -2, 32)


def clip_openai(name, seed):
    config = CLIPVisionConfig(
        hidden_size=24,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=3,
        image_size=28,
        patch_size=7,
    )
    return tower_golden(name, seed, CLIPVisionModel(config), -1, 28)


def clip_laion(name, seed):
    vision = {
        "hidden_size": 16,
        "intermediate_size": 24,
        "num_hidden_layers": 3,
        "num_attention_heads": 2,
        "image_size": 28,
        "patch_size": 14,
        "hidden_act": "gelu",
    }
    config = CLIPConfig(text_config=TEXT, vision_config=vision, projection_dim=8)
    return tower_golden(name, seed, CLIPModel(config), -2, 28)


def internvl_model(six_billion):
    """The 6B tower normalizes without mean and bias, and queries and keys over all heads."""
    style = (
        {"norm_type": "rms_norm", "use_qk_norm": True, "attention_bias": False}
        if six_billion
        else {"norm_type": "layer_norm", "use_qk_norm": False, "attention_bias": True}
    )
    config = InternVLVisionConfig(
        hidden_size=20 if six_billion else 16,
        intermediate_size=24,
        num_hidden_layers=3 if six_billion else 2,
        num_attention_heads=5 if six_billion else 2,
        image_size=28,
        patch_size=7,
        **style,
    )
    return InternVLVisionModel(config)


ORIGINAL_NAMES = [
    (r"embeddings\.cls_token", "embeddings.class_embedding"),
    (r"embeddings\.patch_embeddings\.projection", "embeddings.patch_embedding"),
    (r"embeddings\.position_embeddings", "embeddings.position_embedding"),
    (r"encoder\.layer\.", "encoder.layers."),
    (r"attention\.projection_layer", "attn.proj"),
    (r"attention\.([qk])_norm", r"attn.\1_norm"),
    (r"layernorm_before", "norm1"),
    (r"layernorm_after", "norm2"),
    (r"lambda_", "ls"),
]


def original(tensors):
    """The names and the stacked q, k, v of OpenGVLab's own InternViT folders."""
    renamed = {}
    for key, tensor in tensors.items():
        if re.search(r"[kv]_proj", key):
            continue
        if "q_proj" in key:
            stacked = [tensors[key.replace("q_proj", part)] for part in ("q_proj", "k_proj", "v_proj")]
            key, tensor = key.replace("attention.q_proj", "attn.qkv"), torch.cat(stacked)
        for pattern, replacement in ORIGINAL_NAMES:
            key = re.sub(pattern, replacement, key)
        renamed[key] = tensor
    return renamed


def original_config(model, **style):
    """In the words of configuration_intern_vit.py of OpenGVLab's folders."""
    config = model.config
    return {
        "model_type": "intern_vit_6b",
        "hidden_size": config.hidden_size,
        "intermediate_size": config.intermediate_size,
        "num_hidden_layers": config.num_hidden_layers,
        "num_attention_heads": config.num_attention_heads,
        "image_size": config.image_size[0],
        "patch_size": config.patch_size[0],
        "drop_path_rate": 0.1,
        **style,
    }


def internvit_300m(name, seed):
    model = internvl_model(False)
    style = {"norm_type": "layer_norm", "qkv_bias": True, "qk_normalization": False}
    return tower_golden(name, seed, model, -1, 28, original, original_config(model, **style))


def internvit_6b(name, seed):
    """The family's defaults are the 6B's, so its config says nothing about norms and biases."""
    model = internvl_model(True)
    return tower_golden(name, seed, model, -2, 28, original, original_config(model))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.parse_args()
    torch.set_num_threads(1)
    for golden, facts in [
        siglip(-1, "siglip", SEED + 20),
        siglip(2, "siglip_without_post_norm", SEED + 21),
        siglip2("siglip2", SEED + 22),
        clip_openai("clip_openai", SEED + 23),
        clip_laion("clip_laion", SEED + 24),
        tower_golden("internvl_300m", SEED + 25, internvl_model(False), -1, 28),
        tower_golden("internvl_6b", SEED + 26, internvl_model(True), -1, 28),
        internvit_300m("internvit_300m", SEED + 27),
        internvit_6b("internvit_6b", SEED + 28),
    ]:
        golden.write(AREA, **facts)


if __name__ == "__main__":
    main()
