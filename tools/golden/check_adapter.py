"""Loads adapters that core wrote with PEFT, and compares what they compute with what core computed.

Usage: python tools/golden/check_adapter.py FOLDER GOLDEN

FOLDER holds, for any number of models, `<name>/base`, an exported model, `<name>/adapter`, and `<name>/computed.safetensors`,
as LoraGoldenTest leaves them in core/target/adapters-for-python; GOLDEN is core/src/test/resources/golden. No tensor may
be missing or left over, PEFT must save the same bytes, and logits must be equal within 1e-4, merged too.
"""

import sys
import tempfile
from pathlib import Path

import torch
from peft import PeftConfig, PeftModel, get_peft_model, set_peft_model_state_dict
from peft.utils import load_peft_weights
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

COUNT = 4
TOLERANCE = 1e-4


def base_model(folder):
    return AutoModelForCausalLM.from_pretrained(folder, trust_remote_code=True)


def check_names(folder):
    """A model made of adapter_config.json alone has exactly the tensors of the file."""
    model = get_peft_model(base_model(folder / "base"), PeftConfig.from_pretrained(folder / "adapter"))
    weights = load_peft_weights(folder / "adapter", device="cpu")
    result = set_peft_model_state_dict(model, weights)
    trained = [name for name, parameter in model.named_parameters() if "lora_" in name or "modules_to_save" in name]
    missing = sorted(set(result.missing_keys) & set(trained))
    assert not missing and not result.unexpected_keys, f"{folder}: {missing}, {result.unexpected_keys}"
    assert len(trained) == len(weights), f"{folder}: {len(trained)} trained parameters, {len(weights)} in the file"


def check(folder, golden):
    check_names(folder)
    inputs = load_file(golden / "whole" / folder.name / "expected.safetensors")
    model = PeftModel.from_pretrained(base_model(folder / "base"), folder / "adapter").eval()
    with tempfile.TemporaryDirectory() as saved:
        model.save_pretrained(saved)
        ours, theirs = ((Path(f) / "adapter_model.safetensors").read_bytes() for f in (folder / "adapter", saved))
        assert ours == theirs, f"{folder}: PEFT saves other bytes"
    ids, pixel_values = inputs[f"inputs.input_ids.{COUNT}"], inputs["inputs.pixel_values"]
    computed = load_file(folder / "computed.safetensors")["logits"]
    found = []
    for adapted in (model, model.merge_and_unload()):
        logits = adapted(input_ids=ids, pixel_values=pixel_values, num_vision_tokens=COUNT).logits
        largest = float((logits.flatten() - computed).abs().max())
        assert largest <= TOLERANCE, f"{folder}: logits differ by {largest}"
        found.append(largest)
    plain = base_model(folder / "base")(input_ids=ids, pixel_values=pixel_values, num_vision_tokens=COUNT).logits
    assert float((plain.flatten() - computed).abs().max()) > 100 * TOLERANCE, f"{folder}: the adapter changes nothing"
    return found


def main():
    folder, golden = Path(sys.argv[1]), Path(sys.argv[2])
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    models = sorted(path.parent for path in folder.glob("*/adapter"))
    assert models, f"{folder} holds no <name>/adapter; run LoraGoldenTest first"
    for model in models:
        adapted, merged = check(model, golden)
        print(f"{model.name}: logits {adapted:.1e}, merged {merged:.1e}", flush=True)


if __name__ == "__main__":
    main()
