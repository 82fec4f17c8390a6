"""Writes the golden of interpolated position embeddings: what each family's own code makes of them."""

import torch
from transformers import CLIPVisionConfig, InternVLVisionConfig, SiglipVisionConfig
from transformers.models.clip.modeling_clip import CLIPVisionEmbeddings
from transformers.models.internvl.modeling_internvl import InternVLVisionEmbeddings
from transformers.models.siglip.modeling_siglip import SiglipVisionEmbeddings

from vision_families import AREA
from write_goldens import SEED, Golden

WIDTH = 3
# family, patch size, image size of the table, image size wanted
CASES = [
    ("siglip", 14, 384, 224),
    ("siglip", 14, 224, 384),
    ("siglip", 14, 384, 378),
    ("siglip", 14, 28, 70),
    ("siglip", 14, 14, 42),
    ("clip", 14, 224, 336),
    ("clip", 32, 224, 96),
    ("internvl", 14, 448, 224),
    ("internvl", 14, 112, 140),
]
FAMILIES = {
    "siglip": (SiglipVisionConfig, SiglipVisionEmbeddings, 0),
    "clip": (CLIPVisionConfig, CLIPVisionEmbeddings, 1),
    "internvl": (InternVLVisionConfig, InternVLVisionEmbeddings, 1),
}


def main():
    torch.set_num_threads(1)
    golden = Golden("positions", SEED + 40)
    cases = []
    for k, (family, patch, size, wanted) in enumerate(CASES):
        config_type, embeddings_type, leading = FAMILIES[family]
        config = config_type(hidden_size=WIDTH, image_size=size, patch_size=patch)
        embeddings = embeddings_type(config)
        rows = leading + (size // patch) ** 2
        table = golden.normal(rows, WIDTH)
        with torch.no_grad():
            if family == "internvl":
                embeddings.position_embeddings.copy_(table.unsqueeze(0))
            else:
                embeddings.position_embedding.weight.copy_(table)
            tokens = torch.zeros(1, leading + (wanted // patch) ** 2, WIDTH)
            result = embeddings.interpolate_pos_encoding(tokens, wanted, wanted)
        golden.put(f"inputs.{k}", table)
        golden.put(f"outputs.{k}", result[0])
        cases.append(
            {"family": family, "leading": leading, "from": size // patch, "to": wanted // patch}
        )
    golden.write(AREA, cases=cases)


if __name__ == "__main__":
    main()
