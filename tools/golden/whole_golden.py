"""One whole model's golden: its folder's text files, and what the model is expected to compute."""

import json

import torch
from transformers import SiglipVisionModel

from reference import IGNORE_INDEX, sum_loss
from write_goldens import FOLDER, Golden

CHAT = FOLDER / "chat"
IMAGE = "<image>"
TOKENS = 300  # of a tokenizer before its added tokens


def write_json(path, content):
    path.write_text(json.dumps(content, indent=1) + "\n")


def write_text_files(folder, tokenizer, template, image_token):
    """The first TOKENS tokens of one of the tokenizers of chat_templates.py, its added ones behind them."""
    content = json.loads((CHAT / f"tokenizer-{tokenizer}.json").read_text())
    model = content["model"]
    model["vocab"] = {token: k for token, k in model["vocab"].items() if k < TOKENS}
    known = model["vocab"]
    model["merges"] = [m for m in model["merges"] if m[0] in known and m[1] in known and "".join(m) in known]
    following = TOKENS
    for added in content["added_tokens"]:
        if added["content"] not in known:
            added["id"] = following
            following += 1
    if image_token:
        flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
        content["added_tokens"].append({"id": following, "content": IMAGE, **flags})
    (folder / "tokenizer.json").write_text(json.dumps(content, ensure_ascii=False) + "\n")
    (folder / "tokenizer_config.json").write_text((CHAT / f"tokenizer_config-{template}.json").read_text())
    return following


class Whole:
    """One model: its folder, and what it is expected to compute."""

    def __init__(self, root, name, seed):
        self.golden = Golden("expected", seed)
        self.name = name
        self.folder = root / name
        self.folder.mkdir(parents=True, exist_ok=True)

    def put_halves(self, tower, language, feature_layer):
        config = tower.config
        side = config.image_size if isinstance(config.image_size, int) else config.image_size[0]
        pixel_values = self.golden.normal(2, 3, side, side)
        self.golden.put("inputs.pixel_values", pixel_values)
        self.golden.put("outputs.features", features(tower, pixel_values, feature_layer))
        self.put_text(language)
        return pixel_values

    @torch.no_grad()
    def put_text(self, language):
        ids = self.golden.ids(0, TOKENS, 1, 12)
        self.golden.put("inputs.text_ids", ids)
        self.golden.put("outputs.text_logits", language(input_ids=ids, use_cache=False).logits)

    def ids(self, image_token_id, num_vision_tokens):
        """Some text, a picture, some text, a picture, some text."""
        text = self.golden.ids(0, TOKENS, 12).tolist()
        image = [image_token_id] * num_vision_tokens
        return torch.tensor([text[:2] + image + text[2:5] + image + text[5:]])

    def put_whole(self, image_token_id, counts, logits_of, generate):
        for n in counts:
            input_ids = self.ids(image_token_id, n)
            labels = input_ids.clone()
            labels[:, :-7] = IGNORE_INDEX
            labels[:, -3] = IGNORE_INDEX
            with torch.no_grad():
                logits = logits_of(input_ids, n)
            loss, _ = sum_loss(logits, labels)
            self.golden.put(f"inputs.input_ids.{n}", input_ids)
            self.golden.put(f"inputs.labels.{n}", labels)
            self.golden.put(f"outputs.logits.{n}", logits)
            self.golden.put(f"outputs.loss.{n}", loss)
            for _ in range(60):
                prompt = self.ids(image_token_id, n)
                ids, margin = generate(prompt, n)
                if margin > 1e-2 and len(ids.unique()) > 2 and int(ids.max()) < TOKENS:
                    break
            else:
                raise ValueError(f"{self.name}: no answer is free of near ties and ends; take another seed")
            self.golden.put(f"inputs.prompt_ids.{n}", prompt)
            self.golden.put(f"outputs.generate.{n}", ids)
            print(f"  {self.name} at {n}: loss {float(loss):.3f}, {ids[0].tolist()}, margin {margin:.3f}")

    def write(self, **facts):
        self.golden.write(self.folder, **facts)
        for path in sorted(self.folder.rglob("*.safetensors")):
            if path.stat().st_size > 250_000:
                raise ValueError(f"{path} is too large for the repository")


@torch.no_grad()
def features(tower, pixel_values, layer, **options):
    output = tower(pixel_values, output_hidden_states=True, **options)
    is_siglip = isinstance(tower, SiglipVisionModel)
    chosen = output.last_hidden_state if is_siglip and layer == -1 else output.hidden_states[layer]
    return chosen if is_siglip else chosen[:, 1:]
