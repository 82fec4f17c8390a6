"""Writes the safetensors fixtures of core, and reads what core writes.

Usage: python tools/golden/safetensors_files.py          writes core/src/test/resources/golden/safetensors
       python tools/golden/safetensors_files.py FOLDER   checks what SafetensorsGoldenTest left in FOLDER

`F32.safetensors` holds seeded values with the hard cases of rounding; `F16.safetensors` and `BF16.safetensors` hold
what torch rounds them to. `sharded/` is a tiny Qwen2 of transformers' save_pretrained, `whole.safetensors` the same
weights in one file, and `facts.json` the order and the shard size that save_pretrained was given.
"""

import json
import struct
import sys
from pathlib import Path

import huggingface_hub
import safetensors
import torch
import transformers
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, Qwen2Config, Qwen2ForCausalLM

SEED = 20250404
FOLDER = Path(__file__).resolve().parents[2] / "core/src/test/resources/golden/safetensors"
DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
MAX_SHARD_BYTES = 8000
CONFIG = {
    "vocab_size": 48,
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "tie_word_embeddings": False,
}


def source_values():
    """Seeded numbers of every size that F16 holds, halfway cases of F16 and of BF16, subnormals and infinities."""
    generator = torch.Generator().manual_seed(SEED)
    spread = torch.randn(4, 5, 6, generator=generator) * 2.0 ** torch.randint(-26, 13, (4, 5, 6), generator=generator)
    halfway = [1 + k * 2.0**-11 for k in range(9)] + [1 + k * 2.0**-8 for k in range(9)]
    halfway += [k * 2.0**-25 for k in range(9)] + [65504.0, 65519.0, 2.0**-14 * (1 - 2.0**-12)]
    special = [0.0, -0.0, float("inf"), float("-inf"), 2.0**-24, 2.0**-133, -(2.0**-149)]
    return {
        "spread": spread,
        "halfway": torch.tensor(halfway + [-value for value in halfway], dtype=torch.float32),
        "special.größe": torch.tensor(special, dtype=torch.float32),
        "scalar": torch.tensor(0.15625),
        "empty": torch.zeros(3, 0),
    }


def tiny_model():
    torch.manual_seed(SEED)
    model = Qwen2ForCausalLM(Qwen2Config(**CONFIG))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape) * 0.3)
    return model


def write():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, dtype in DTYPES.items():
        tensors = {key: value.to(dtype).contiguous() for key, value in source_values().items()}
        save_file(tensors, FOLDER / f"{name}.safetensors", metadata={"format": "pt"})
    model = tiny_model()
    sharded = FOLDER / "sharded"
    model.save_pretrained(sharded, max_shard_size=MAX_SHARD_BYTES)
    (sharded / "generation_config.json").unlink()
    state = {name: value.contiguous() for name, value in model.state_dict().items()}
    save_file(state, FOLDER / "whole.safetensors", metadata={"format": "pt"})
    facts = {
        "seed": SEED,
        "max_shard_bytes": MAX_SHARD_BYTES,
        "state_dict_order": list(state),
        "versions": {
            "torch": torch.__version__.split("+")[0],
            "transformers": transformers.__version__,
            "safetensors": safetensors.__version__,
            "huggingface_hub": huggingface_hub.__version__,
        },
    }
    (FOLDER / "facts.json").write_text(json.dumps(facts, indent=2) + "\n")


def bits(tensor):
    return tensor.contiguous().flatten().view(torch.int32 if tensor.element_size() == 4 else torch.int16).tolist()


def check(folder):
    """Everything that core wrote must come out of the Python library bit by bit."""
    for name, dtype in DTYPES.items():
        path = folder / name / "model.safetensors"
        found = load_file(path)
        for key, value in source_values().items():
            expected = value.to(dtype)
            same = found[key].dtype == dtype and found[key].shape == expected.shape and bits(found[key]) == bits(expected)
            assert same, f"{path}: {key} is {found[key]}, expected {expected}"
        assert found.keys() == source_values().keys(), f"{path}: {sorted(found)}"
        with safe_open(path, "pt") as file:
            assert file.metadata() == {"format": "pt"}, file.metadata()
        with open(path, "rb") as file:
            assert struct.unpack("<Q", file.read(8))[0] % 8 == 0, "the data is not aligned"
        print(f"{path}: {len(found)} tensors, bit by bit")
    for name, dtype in DTYPES.items():
        path = folder / f"sharded-{name}"
        expected = tiny_model().state_dict()
        model, loading = AutoModelForCausalLM.from_pretrained(path, torch_dtype=dtype, output_loading_info=True)
        assert not any(loading.values()), loading
        for key, value in model.state_dict().items():
            assert bits(value) == bits(expected[key].to(dtype)), f"{path}: {key}"
        shards = len(list(path.glob("model-*-of-*.safetensors")))
        print(f"{path}: from_pretrained of {len(expected)} tensors in {shards} shards, bit by bit")


if __name__ == "__main__":
    write() if len(sys.argv) == 1 else check(Path(sys.argv[1]))
