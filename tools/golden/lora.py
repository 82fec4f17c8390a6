"""Writes PEFT adapters, and what the adapted models compute, for core's LoRA.

Usage: python tools/golden/lora.py [core/src/test/resources/golden/lora]

The base models are those of whole_models.py, in golden/whole. Beside an adapter as PEFT saves it (adapter_config.json,
adapter_model.safetensors) lie `expected.safetensors` and `expected.json`, of the base's own `inputs.*.4` and two pictures:
  outputs.logits, outputs.loss    the loss summed
  grads.<name>                    of that loss, with respect to every tensor of the adapter, by its name in PEFT's file
  trained.<name>                  the adapter after STEPS steps of AdamW on the mean loss
  outputs.trained_logits          of that adapter
  merged.<name>                   what merge_and_unload makes of the first adapter, where it differs from the base
"""

import json
import shutil
import sys
from pathlib import Path

import peft
import torch
from peft import LoraConfig, get_peft_model
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file

from reference import sum_loss
from whole_models import modeling_tokenflex
from write_goldens import FOLDER, SEED, Golden

COUNT = 4
STEPS = 3
OPTIMIZER = {"lr": 1e-2, "betas": (0.9, 0.95), "eps": 1e-3, "weight_decay": 0.1}
CASES = {
    "tokenflex_siglip_qwen2": {
        "r": 4,
        "lora_alpha": 8,
        "target_modules": ["q_proj", "v_proj"],
        "modules_to_save": ["projector"],
    },
    "tokenflex_internvl_qwen3": {"r": 3, "lora_alpha": 5, "target_modules": "all-linear", "use_rslora": True},
    "tokenflex_clip_llama3": {"r": 2, "lora_alpha": 8, "target_modules": ["o_proj", "gate_proj", "g"]},
}


def adapted(golden, name, options):
    code = modeling_tokenflex()
    base = code.TokenFlexForConditionalGeneration.from_pretrained(FOLDER / "whole" / name)
    model = get_peft_model(base, LoraConfig(task_type="CAUSAL_LM", **options))
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if "lora_" in key:
                parameter.copy_(golden.normal(*parameter.shape, std=0.2))
            elif "modules_to_save" in key:
                parameter.add_(golden.normal(*parameter.shape, std=0.05))
    return model.eval()


def grouped(model):
    """Matrices decay, norms and biases do not."""
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return [
        {"params": [p for p in trained if p.dim() > 1]},
        {"params": [p for p in trained if p.dim() == 1], "weight_decay": 0.0},
    ]


def state(model, tensor_of):
    named = {key: tensor_of(parameter) for key, parameter in model.named_parameters() if parameter.requires_grad}
    return get_peft_model_state_dict(model, state_dict=named)


def write(name, options, seed, root):
    golden = Golden("expected", seed)
    folder = root / name
    shutil.rmtree(folder, ignore_errors=True)
    inputs = load_file(FOLDER / "whole" / name / "expected.safetensors")
    ids, labels = inputs[f"inputs.input_ids.{COUNT}"], inputs[f"inputs.labels.{COUNT}"]
    model = adapted(golden, name, options)
    model.save_pretrained(folder)
    (folder / "README.md").unlink()
    config = json.loads((folder / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = name  # a path of this machine otherwise
    config["target_modules"] = sorted(config["target_modules"])  # PEFT writes a set
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=2, sort_keys=True))

    def forward():
        return model(input_ids=ids, pixel_values=inputs["inputs.pixel_values"], num_vision_tokens=COUNT).logits

    optimizer = torch.optim.AdamW(grouped(model), **OPTIMIZER)
    for step in range(STEPS):
        optimizer.zero_grad()
        logits = forward()
        loss, num_valid_tokens = sum_loss(logits, labels)
        loss.backward()
        if step == 0:
            golden.put("outputs.logits", logits)
            golden.put("outputs.loss", loss)
            for key, gradient in state(model, lambda parameter: parameter.grad).items():
                golden.put(f"grads.{key}", gradient)
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                parameter.grad /= num_valid_tokens
        optimizer.step()
    for key, tensor in get_peft_model_state_dict(model).items():
        golden.put(f"trained.{key}", tensor)
    with torch.no_grad():
        golden.put("outputs.trained_logits", forward())

    merged = adapted(Golden("expected", seed), name, options).merge_and_unload()
    base = load_file(FOLDER / "whole" / name / "model.safetensors")
    for key, tensor in merged.state_dict().items():
        if key in base and not torch.equal(tensor, base[key]):
            golden.put(f"merged.{key}", tensor)
    golden.write(folder, peft=peft.__version__, steps=STEPS, optimizer=OPTIMIZER)


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER / "lora"
    torch.set_num_threads(1)
    for k, (name, options) in enumerate(CASES.items()):
        write(name, options, SEED + 300 + k, root)


if __name__ == "__main__":
    main()
