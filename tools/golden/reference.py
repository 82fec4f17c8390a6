"""The reference TokenFLEX model: Hugging Face towers around a plain PyTorch projector.

Shapes: B samples, I images, P patches, V vision tokens per image, T sequence, D hidden size,
Dv vision hidden size.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn
from transformers import Qwen2ForCausalLM, SiglipVisionModel

IGNORE_INDEX = -100


class Projector(nn.Module):
    """ViT features on a grid -> average pooling to n x n -> LayerNorm -> SwiGLU.

    pooling: "adaptive" as in the paper, or "interpolated" as in the published Ristretto-3B.
    """

    def __init__(self, vision_hidden_size, hidden_size, eps=1e-5, pooling="adaptive"):
        super().__init__()
        self.pooling = pooling
        inner = 3 * vision_hidden_size
        self.layernorm = nn.LayerNorm(vision_hidden_size, eps=eps)
        self.f1 = nn.Linear(vision_hidden_size, inner)
        self.f2 = nn.Linear(vision_hidden_size, inner)
        self.g = nn.Linear(inner, hidden_size)

    def forward(self, features_IPD, grid, num_vision_tokens):
        height, width = grid
        side = math.isqrt(num_vision_tokens)
        images, _, channels = features_IPD.shape
        planes = features_IPD.transpose(1, 2).reshape(images, channels, height, width)
        if self.pooling == "adaptive":
            pooled = F.adaptive_avg_pool2d(planes, (side, side))
        else:
            down, across = -(-height // side), -(-width // side)
            enlarged = F.interpolate(planes, (down * side, across * side), mode="bilinear", align_corners=True)
            pooled = F.avg_pool2d(enlarged, (down, across))
        pooled_IVD = pooled.flatten(2).transpose(1, 2)
        x = self.layernorm(pooled_IVD)
        return self.g(F.silu(self.f1(x)) * self.f2(x))


class TokenFlex(nn.Module):
    """Vision tokens overwrite the embeddings of the image placeholder, in reading order."""

    def __init__(self, vision_config, language_config, image_token_id):
        super().__init__()
        self.vision_model = SiglipVisionModel(vision_config).vision_model
        self.projector = Projector(vision_config.hidden_size, language_config.hidden_size)
        self.language_model = Qwen2ForCausalLM(language_config)
        self.image_token_id = image_token_id
        side = vision_config.image_size // vision_config.patch_size
        self.grid = (side, side)

    def embed(self, input_ids_BT, vision_IVD):
        embeddings_BTD = self.language_model.get_input_embeddings()(input_ids_BT)
        places = (input_ids_BT == self.image_token_id).unsqueeze(-1)
        if int(places.sum()) != vision_IVD.shape[0] * vision_IVD.shape[1]:
            raise ValueError(f"{int(places.sum())} placeholders, {tuple(vision_IVD.shape)} vision tokens")
        return embeddings_BTD.masked_scatter(places, vision_IVD)

    def forward(self, input_ids_BT, pixel_values, num_vision_tokens):
        features = self.vision_model(pixel_values=pixel_values).last_hidden_state
        vision_IVD = self.projector(features, self.grid, num_vision_tokens)
        embeddings_BTD = self.embed(input_ids_BT, vision_IVD)
        logits = self.language_model(inputs_embeds=embeddings_BTD, use_cache=False).logits
        return features, vision_IVD, logits

    @torch.no_grad()
    def generate(self, input_ids_1T, pixel_values, num_vision_tokens, new_tokens):
        """Greedy ids, the whole sequence again for each token; no stop token."""
        ids = input_ids_1T
        margins = []
        for _ in range(new_tokens):
            logits = self(ids, pixel_values, num_vision_tokens)[2][:, -1]
            best = logits.topk(2).values[0]
            margins.append(float(best[0] - best[1]))
            ids = torch.cat([ids, logits.argmax(-1, keepdim=True)], dim=1)
        return ids[:, input_ids_1T.shape[1] :], min(margins)


def sum_loss(logits_BTV, labels_BT):
    """Summed cross entropy of the next token, and how many tokens it sums over."""
    targets = labels_BT[:, 1:].reshape(-1)
    logits = logits_BTV[:, :-1].reshape(-1, logits_BTV.shape[-1])
    loss = F.cross_entropy(logits, targets, ignore_index=IGNORE_INDEX, reduction="sum")
    return loss, (targets != IGNORE_INDEX).sum()
