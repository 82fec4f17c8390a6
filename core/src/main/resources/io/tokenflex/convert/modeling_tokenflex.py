"""TokenFLEX (arXiv 2504.03154) for Hugging Face transformers: one model for any number of vision tokens.

    from transformers import AutoModelForCausalLM, AutoTokenizer, AutoImageProcessor
    model = AutoModelForCausalLM.from_pretrained(folder, trust_remote_code=True)
    ids = model.expand_images(ids, num_vision_tokens=144)       # one image token each -> 144
    answer = model.generate(ids, pixel_values=pixels, num_vision_tokens=144, max_new_tokens=64)

Works with transformers 4.53 and newer, including 5, with the same module and tensor names in each.

Shapes: B samples, I images (tiles), P patches, V vision tokens per image, T sequence, D hidden size,
Dv vision hidden size.
"""

import math
from typing import Optional

import torch
import torch.nn.functional as F
import transformers
from torch import nn
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    GenerationMixin,
    PretrainedConfig,
    PreTrainedModel,
)
from transformers.modeling_outputs import CausalLMOutputWithPast


LM_HEAD = "language_model.lm_head.weight"
EMBEDDINGS = "language_model.model.embed_tokens.weight"
IS_BEFORE_5 = int(transformers.__version__.split(".")[0]) < 5


def _sub_config(config, default_type):
    if isinstance(config, PretrainedConfig):
        return config
    config = dict(config or {})
    return AutoConfig.for_model(config.pop("model_type", default_type), **config)


class TokenFlexConfig(PretrainedConfig):
    """Configurations of vision tower, projector and language model; id of the image token."""

    model_type = "tokenflex"
    sub_configs = {"vision_config": AutoConfig, "text_config": AutoConfig}

    def __init__(
        self,
        vision_config=None,
        projector_config=None,
        text_config=None,
        image_token_id=0,
        vision_token_counts=(64, 144, 256),
        vision_feature_layer=-1,
        **kwargs,
    ):
        self.vision_config = _sub_config(vision_config, "siglip_vision_model")
        self.text_config = _sub_config(text_config, "qwen2")
        width = self.vision_config.hidden_size
        self.projector_config = dict(projector_config or {"intermediate_size": 3 * width, "layer_norm_eps": 1e-5})
        self.image_token_id = image_token_id
        self.vision_token_counts = list(vision_token_counts)
        self.vision_feature_layer = vision_feature_layer
        kwargs.setdefault("tie_word_embeddings", getattr(self.text_config, "tie_word_embeddings", False))
        super().__init__(**kwargs)


class TokenFlexProjector(nn.Module):
    """features_IPDv on a square grid -> average pooling to n x n -> LayerNorm -> SwiGLU -> vision_IVD.

    pooling: "adaptive" as in the paper, or "interpolated" as in Ristretto-3B (upsampled to a multiple of n first).
    """

    def __init__(self, vision_width, width, intermediate_size, layer_norm_eps, pooling="adaptive"):
        super().__init__()
        self.pooling = pooling
        self.layernorm = nn.LayerNorm(vision_width, eps=layer_norm_eps)
        self.f1 = nn.Linear(vision_width, intermediate_size)
        self.f2 = nn.Linear(vision_width, intermediate_size)
        self.g = nn.Linear(intermediate_size, width)

    def forward(self, features_IPDv, num_vision_tokens):
        images, patches, channels = features_IPDv.shape
        grid, side = math.isqrt(patches), math.isqrt(num_vision_tokens)
        if side * side != num_vision_tokens:
            raise ValueError(f"num_vision_tokens is {num_vision_tokens}; expected a square number such as 64, 144, 256")
        planes = features_IPDv.transpose(1, 2).reshape(images, channels, grid, grid)
        if self.pooling == "adaptive":
            pooled = F.adaptive_avg_pool2d(planes, (side, side))
        else:
            each = -(-grid // side)
            if each * side != grid:
                planes = F.interpolate(planes, (each * side, each * side), mode="bilinear", align_corners=True)
            pooled = F.avg_pool2d(planes, each)
        x = self.layernorm(pooled.flatten(2).transpose(1, 2))
        return self.g(F.silu(self.f1(x)) * self.f2(x))


class TokenFlexTower(nn.Module):
    """Adds the prefix vision_model, which SigLIP's and CLIP's classes had before transformers 5."""

    def __init__(self, tower):
        super().__init__()
        self.vision_model = tower
        self._no_split_modules = tower._no_split_modules  # read by the outer model

    def forward(self, *args, **kwargs):
        return self.vision_model(*args, **kwargs)


def _vision_model(config):
    tower = AutoModel.from_config(config)
    is_bare = config.model_type != "internvl_vision" and not hasattr(tower, "vision_model")
    return TokenFlexTower(tower) if is_bare else tower


class TokenFlexForConditionalGeneration(PreTrainedModel, GenerationMixin):
    """Replaces the embeddings of image tokens by vision tokens, in order.

    A GenerationMixin, although the language model generates, so that generation_config.json is loaded.
    """

    config_class = TokenFlexConfig
    base_model_prefix = "model"
    main_input_name = "input_ids"
    supports_gradient_checkpointing = True
    _supports_sdpa = True
    _no_split_modules = []  # extended by those of the parts, for device_map
    _tied_weights_keys = [LM_HEAD] if IS_BEFORE_5 else {LM_HEAD: EMBEDDINGS}

    def __init__(self, config):
        super().__init__(config)
        projector = config.projector_config
        self.vision_model = _vision_model(config.vision_config)
        self.projector = TokenFlexProjector(
            config.vision_config.hidden_size,
            config.text_config.hidden_size,
            projector["intermediate_size"],
            projector["layer_norm_eps"],
            projector.get("pooling", "adaptive"),
        )
        self.language_model = AutoModelForCausalLM.from_config(config.text_config)
        self.post_init()

    def get_input_embeddings(self):
        return self.language_model.get_input_embeddings()

    def set_input_embeddings(self, value):
        self.language_model.set_input_embeddings(value)

    def get_output_embeddings(self):
        return self.language_model.get_output_embeddings()

    def vision_features(self, pixel_values):
        """pixel_values (I, 3, Y, X) -> features_IPDv of the feature layer."""
        tower = getattr(self.vision_model, "vision_model", self.vision_model)
        layers = tower.encoder.layers if hasattr(tower.encoder, "layers") else tower.encoder.layer
        layer = self.config.vision_feature_layer
        siglip = "siglip" in self.config.vision_config.model_type
        index = layer if layer >= 0 else len(layers) + 1 + layer
        after = None  # module whose input is the feature, unless it is the tower's last hidden state
        if index < len(layers):
            after = layers[index]
        elif siglip and layer != -1:
            after = tower.post_layernorm
        # A hook, because InternVLVisionModel of 4.57 does not support output_hidden_states.
        entered = []
        hooks = [after.register_forward_pre_hook(lambda module, inputs: entered.append(inputs[0]))] if after else []
        try:
            last_hidden_state = self.vision_model(pixel_values).last_hidden_state
        finally:
            for hook in hooks:
                hook.remove()
        features = entered[0] if entered else last_hidden_state
        return features if siglip else features[:, 1:]  # without the class token

    def encode_images(self, pixel_values, num_vision_tokens):
        """pixel_values (I, 3, Y, X) -> vision_IVD."""
        features = self.vision_features(pixel_values.to(self.projector.g.weight.dtype))
        return self.projector(features, num_vision_tokens)

    def expand_images(self, input_ids, num_vision_tokens, num_tiles=None):
        """Repeats each image token num_vision_tokens times per tile; image i has num_tiles[i] tiles."""
        if input_ids.shape[0] != 1:
            raise ValueError("expand_images takes one sequence at a time; pad on the left afterwards")
        tiles = iter(num_tiles) if num_tiles is not None else None
        ids = []
        for token in input_ids[0].tolist():
            if token != self.config.image_token_id:
                ids.append(token)
            else:
                ids.extend([token] * num_vision_tokens * (next(tiles) if tiles else 1))
        return torch.tensor([ids], dtype=input_ids.dtype, device=input_ids.device)

    def embed(self, input_ids_BT, pixel_values=None, num_vision_tokens=None):
        """Token embeddings_BTD with image tokens replaced by vision tokens."""
        embeddings_BTD = self.get_input_embeddings()(input_ids_BT)
        if pixel_values is None:
            return embeddings_BTD
        if num_vision_tokens is None:
            num_vision_tokens = max(self.config.vision_token_counts)
        vision_IVD = self.encode_images(pixel_values, num_vision_tokens).to(embeddings_BTD.dtype)
        places = (input_ids_BT == self.config.image_token_id).unsqueeze(-1)
        if int(places.sum()) != vision_IVD.shape[0] * vision_IVD.shape[1]:
            raise ValueError(
                f"{int(places.sum())} image tokens for {vision_IVD.shape[0]} images x {vision_IVD.shape[1]} vision"
                " tokens; call expand_images with the same num_vision_tokens"
            )
        return embeddings_BTD.masked_scatter(places, vision_IVD)

    def forward(
        self,
        input_ids: Optional[torch.LongTensor] = None,
        pixel_values: Optional[torch.FloatTensor] = None,
        num_vision_tokens: Optional[int] = None,
        attention_mask: Optional[torch.Tensor] = None,
        inputs_embeds: Optional[torch.FloatTensor] = None,
        labels: Optional[torch.LongTensor] = None,
        **kwargs,
    ) -> CausalLMOutputWithPast:
        if inputs_embeds is None:
            inputs_embeds = self.embed(input_ids, pixel_values, num_vision_tokens)
        return self.language_model(
            inputs_embeds=inputs_embeds, attention_mask=attention_mask, labels=labels, **kwargs
        )

    @torch.no_grad()
    def generate(self, input_ids, pixel_values=None, num_vision_tokens=None, attention_mask=None, **kwargs):
        """Returns the new tokens only. Prompts of unequal length must be left-padded."""
        if attention_mask is None:
            attention_mask = torch.ones_like(input_ids)
        kwargs.setdefault("generation_config", self.generation_config)
        return self.language_model.generate(
            inputs_embeds=self.embed(input_ids, pixel_values, num_vision_tokens),
            attention_mask=attention_mask,
            **kwargs,
        )
