"""Loads exported models with transformers and compares what they compute with what was expected.

Usage: python tools/golden/check_export.py FOLDER EXPECTED

FOLDER holds `<name>/whole` and `<name>/parts` for any number of models, as ModelExportTest leaves them in
core/target/exports-for-python; EXPECTED is core/src/test/resources/golden/whole. `<name>-bf16` is compared with <name>
within what eight bits of mantissa allow, `<name>-adapted` with what <name> computes with its adapter, and a name that
EXPECTED does not have is only loaded and run.
The whole is loaded with trust_remote_code, the parts are loaded without; no tensor may be missing or left over.
"""

import json
import sys
import tempfile
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import AutoImageProcessor, AutoModel, AutoModelForCausalLM, AutoTokenizer

TOLERANCE = {torch.float32: 1e-5, torch.bfloat16: 0.15}


def load(kind, folder, **options):
    model, loading = kind.from_pretrained(folder, torch_dtype="auto", output_loading_info=True, **options)
    assert not any(loading.values()), f"{folder}: {loading}"
    return model.eval()


def difference(what, actual, expected, dtype):
    assert actual.dtype == dtype, f"{what} is {actual.dtype}, expected {dtype}"
    assert actual.shape == expected.shape, f"{what} is {tuple(actual.shape)}, expected {tuple(expected.shape)}"
    largest = float((actual.float() - expected).abs().max())
    assert largest <= TOLERANCE[dtype], f"{what} differs by {largest}"
    return largest


def columns(logits, expected):
    """A model whose tokenizer needed another row has a logit more than the published one."""
    return logits[..., : expected.shape[-1]]


def tower_features(tower, pixel_values):
    """Of a tower alone: layers above the feature layer are not exported, so the last hidden state is the feature."""
    features = tower(pixel_values).last_hidden_state
    return features if tower.config.model_type == "siglip_vision_model" else features[:, 1:]


def check_text(folder, model, **options):
    """Tokenizer, chat template and end token are those of the folder."""
    tokenizer = AutoTokenizer.from_pretrained(folder, **options)
    assert set(tokenizer("a")) == {"input_ids", "attention_mask"}, f"{folder}: {tokenizer('a')}"
    image = tokenizer.convert_tokens_to_ids("<image>")
    question = [{"role": "user", "content": "<image>\nGröße?"}]
    options = {"add_generation_prompt": True, "return_tensors": "pt", "return_dict": True}
    ids = tokenizer.apply_chat_template(question, **options)["input_ids"]
    assert int((ids == image).sum()) == 1, f"{folder}: {ids}"
    ends = model.generation_config.eos_token_id
    written = json.loads((folder / "generation_config.json").read_text()).get("eos_token_id")
    assert ends == written, f"{folder}: answers end with {ends}, generation_config.json says {written}"
    known = tokenizer.added_tokens_decoder
    ends = ends if isinstance(ends, list) else [] if ends is None else [ends]
    # A tiny model may name ids that its tokenizer has not; those that it has are no ordinary text.
    assert all(end in known or end >= len(tokenizer) for end in ends), f"{folder}: {ends} in {known}"
    return ids, image


def check_answer(model, prompt, pixel_values, n, answer):
    """The greedy answer, and that it ends where generation_config says."""
    options = {"max_new_tokens": answer.shape[1], "do_sample": False, "pad_token_id": 0}
    found = model.generate(prompt, pixel_values, n, **options)
    assert torch.equal(found, answer), f"{found}, expected {answer}"
    ends = model.generation_config.eos_token_id
    model.generation_config.eos_token_id = int(answer[0, 0])
    assert torch.equal(model.generate(prompt, pixel_values, n, **options), answer[:, :1])
    model.generation_config.eos_token_id = ends


def check_no_split(model):
    """What device_map must keep together is known of both parts."""
    kept = model._get_no_split_modules("auto") if hasattr(model, "_get_no_split_modules") else model._no_split_modules
    names = {type(module).__name__ for part in (model.vision_model, model.language_model) for module in part.modules()}
    assert len(names & set(kept)) >= 2, f"{sorted(kept)} of {sorted(names)}"


def check_saved(folder, model):
    """What save_pretrained writes has the names and values of the export."""
    with tempfile.TemporaryDirectory() as again:
        model.save_pretrained(again)
        exported, saved = (load_file(Path(place) / "model.safetensors") for place in (folder, again))
    assert exported.keys() == saved.keys(), f"{folder}: saved again {sorted(exported.keys() ^ saved.keys())}"
    assert all(torch.equal(exported[name], saved[name]) for name in saved), folder


def check_whole(folder, expected):
    model = load(AutoModelForCausalLM, folder, trust_remote_code=True)
    dtype = model.dtype
    ids, image = check_text(folder, model, trust_remote_code=True)
    config = model.config
    assert config.image_token_id == image, f"{folder}: {config.image_token_id}, tokenizer says {image}"
    size = config.vision_config.image_size
    side = size if isinstance(size, int) else size[0]
    AutoImageProcessor.from_pretrained(folder, trust_remote_code=True)
    check_no_split(model)
    check_saved(folder, model)
    found = {}
    if expected is None:
        pixel_values = torch.zeros(1, 3, side, side)
    else:
        pixel_values = expected["inputs.pixel_values"]
        features = model.vision_features(pixel_values.to(dtype))
        found["features"] = difference(f"{folder} features", features, expected["outputs.features"], dtype)
        want = expected["outputs.text_logits"]
        text = columns(model(expected["inputs.text_ids"]).logits, want)
        found["text"] = difference(f"{folder} text", text, want, dtype)
        for key in sorted(expected):
            if not key.startswith("outputs.logits."):
                continue
            n = int(key.rpartition(".")[2])
            logits = model(expected[f"inputs.input_ids.{n}"], pixel_values, n).logits
            found[f"{n} tokens"] = difference(f"{folder} {key}", logits, expected[key], dtype)
            prompt, answer = expected[f"inputs.prompt_ids.{n}"], expected[f"outputs.generate.{n}"]
            if dtype == torch.float32:
                check_answer(model, prompt, pixel_values, n, answer)
    n = min(config.vision_token_counts)
    prompt = model.expand_images(ids, n)
    assert int((prompt == image).sum()) == n
    answer = model.generate(prompt, pixel_values[:1], n, max_new_tokens=3, do_sample=False, pad_token_id=0)
    assert 1 <= answer.shape[1] <= 3, answer
    return found


def check_parts(folder, expected):
    tower = load(AutoModel, folder / "vision")
    language = load(AutoModelForCausalLM, folder / "language")
    check_text(folder / "language", language)
    AutoImageProcessor.from_pretrained(folder / "vision")
    if expected is None:
        return {}
    dtype = language.dtype
    pixel_values = expected["inputs.pixel_values"].to(dtype)
    features = tower_features(tower, pixel_values)
    want = expected["outputs.text_logits"]
    return {
        "features": difference(f"{folder} features", features, expected["outputs.features"], dtype),
        "text": difference(
            f"{folder} text", columns(language(expected["inputs.text_ids"]).logits, want), want, dtype
        ),
    }


def shown(found):
    return ", ".join(f"{what} {value:.1e}" for what, value in found.items()) or "loaded and run"


def expected_of(goldens, name):
    golden = goldens / name.removesuffix("-bf16").removesuffix("-adapted") / "expected.safetensors"
    if not golden.exists():
        return None
    expected = load_file(golden)
    if name.endswith("-adapted"):
        for key in ("features", "text_logits"):
            expected[f"outputs.{key}"] = expected[f"outputs.adapted.{key}"]
    return expected


def main():
    folder, goldens = Path(sys.argv[1]), Path(sys.argv[2])
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    models = sorted(path.parent for path in folder.glob("*/whole"))
    assert models, f"{folder} holds no <name>/whole; run ModelExportTest first"
    for model in models:
        expected = expected_of(goldens, model.name)
        print(f"{model.name}: whole: {shown(check_whole(model / 'whole', expected))}")
        print(f"{model.name}: parts: {shown(check_parts(model / 'parts', expected))}", flush=True)


if __name__ == "__main__":
    main()
