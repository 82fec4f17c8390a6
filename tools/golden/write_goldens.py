"""Writes the golden fixtures of core; see README.md for the conventions."""

import argparse
import json
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from transformers import Qwen2Config, Qwen2ForCausalLM, SiglipVisionConfig, SiglipVisionModel

from reference import IGNORE_INDEX, Projector, TokenFlex, sum_loss

SEED = 20250404
FOLDER = Path(__file__).resolve().parents[2] / "core/src/test/resources/golden"


class Golden:
    """One fixture: a seeded source of random tensors, and what was computed from them."""

    def __init__(self, name, seed):
        self.name = name
        self.seed = seed
        self.generator = torch.Generator().manual_seed(seed)
        self.tensors = {}

    def normal(self, *shape, std=1.0):
        return torch.randn(shape, generator=self.generator) * std

    def ids(self, low, high, *shape):
        return torch.randint(low, high, shape, generator=self.generator)

    def randomize(self, module):
        """Norm weights around 1, everything else around 0, nothing at its default."""
        with torch.no_grad():
            for name, parameter in sorted(module.named_parameters()):
                around = 1.0 if "norm" in name and name.endswith("weight") else 0.0
                parameter.copy_(around + self.normal(*parameter.shape, std=0.2))
        return module.eval()

    def put(self, key, tensor):
        if key in self.tensors:
            raise ValueError(f"{self.name}: {key} is put twice")
        tensor = tensor.detach().clone().contiguous()
        if tensor.dtype.is_floating_point and not torch.isfinite(tensor).all():
            raise ValueError(f"{self.name}: {key} is not finite")
        self.tensors[key] = tensor

    def put_weights(self, module, prefix=""):
        for name, parameter in module.named_parameters():
            self.put(f"weights.{prefix}{name}", parameter)

    def put_grads(self, module, prefix=""):
        for name, parameter in module.named_parameters():
            self.put(f"grads.{prefix}{name}", parameter.grad)

    def write(self, folder, **facts):
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.safetensors"
        save_file(self.tensors, path)
        facts |= {
            "seed": self.seed,
            "versions": {
                "torch": torch.__version__.split("+")[0],
                "transformers": transformers.__version__,
            },
        }
        (folder / f"{self.name}.json").write_text(json.dumps(facts, indent=2) + "\n")
        print(f"{path.stat().st_size:8d} bytes  {len(self.tensors):4d} tensors  {self.name}")


def outputs_of(layers):
    """What each layer returned, filled when the model runs; kept in the graph."""
    outputs = [None] * len(layers)

    def keep(k):
        def hook(_module, _args, output):
            outputs[k] = output[0] if isinstance(output, tuple) else output

        return hook

    for k, layer in enumerate(layers):
        layer.register_forward_hook(keep(k))
    return outputs


def vision_golden():
    golden = Golden("vision", SEED + 1)
    config = {
        "model_type": "siglip_vision_model",
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_channels": 3,
        "image_size": 16,
        "patch_size": 4,
        "hidden_act": "gelu_pytorch_tanh",
        "layer_norm_eps": 1e-6,
        "attention_dropout": 0.0,
        "vision_use_head": False,
    }
    model = golden.randomize(SiglipVisionModel(SiglipVisionConfig(**config)))
    layers = outputs_of(model.vision_model.encoder.layers)
    embeddings = outputs_of([model.vision_model.embeddings])
    pixel_values = golden.normal(2, 3, 16, 16)
    last_hidden_state = model(pixel_values=pixel_values).last_hidden_state
    upstream = golden.normal(*last_hidden_state.shape)
    (last_hidden_state * upstream).sum().backward()

    golden.put("inputs.pixel_values", pixel_values)
    golden.put("inputs.upstream", upstream)
    golden.put_weights(model)
    for k, hidden_states in enumerate([*embeddings, *layers]):
        golden.put(f"outputs.hidden_states.{k}", hidden_states)
    golden.put("outputs.last_hidden_state", last_hidden_state)
    golden.put_grads(model)
    return golden, {"vision_config": config}


def language_config(hidden_size, intermediate_size, vocab_size, tied):
    return {
        "model_type": "qwen2",
        "hidden_size": hidden_size,
        "intermediate_size": intermediate_size,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "vocab_size": vocab_size,
        "max_position_embeddings": 128,
        "rope_theta": 10000.0,
        "rms_norm_eps": 1e-6,
        "hidden_act": "silu",
        "attention_dropout": 0.0,
        "use_sliding_window": False,
        "tie_word_embeddings": tied,
    }


def hf_language_config(config):
    return Qwen2Config(**config, bos_token_id=None, eos_token_id=None, pad_token_id=None)


def decoder_golden(name, seed, tied):
    golden = Golden(name, seed)
    config = language_config(32, 48, 64, tied)
    model = golden.randomize(Qwen2ForCausalLM(hf_language_config(config)))
    layers = outputs_of(model.model.layers)
    embeddings = outputs_of([model.model.embed_tokens])
    norm = outputs_of([model.model.norm])

    lengths = torch.tensor([11, 7])
    input_ids = golden.ids(1, 64, 2, 11)
    labels = input_ids.clone()
    labels[0, :4] = IGNORE_INDEX
    labels[0, 8] = IGNORE_INDEX
    labels[1, :3] = IGNORE_INDEX
    for sample, length in enumerate(lengths):
        input_ids[sample, length:] = 0
        labels[sample, length:] = IGNORE_INDEX

    logits = model(input_ids=input_ids, use_cache=False).logits
    embeddings[0].retain_grad()
    loss, num_valid_tokens = sum_loss(logits, labels)
    hf_mean = model.loss_function(logits, labels, config["vocab_size"])
    torch.testing.assert_close(loss, hf_mean * num_valid_tokens)
    loss.backward()

    golden.put("inputs.input_ids", input_ids)
    golden.put("inputs.labels", labels)
    golden.put("inputs.lengths", lengths)
    golden.put_weights(model)
    for k, hidden_states in enumerate([*embeddings, *layers]):
        golden.put(f"outputs.hidden_states.{k}", hidden_states)
    golden.put("outputs.last_hidden_state", norm[0])
    golden.put("outputs.logits", logits)
    golden.put("outputs.loss", loss)
    golden.put("outputs.num_valid_tokens", num_valid_tokens)
    golden.put("grads.hidden_states.0", embeddings[0].grad)
    golden.put_grads(model)
    return golden, {"language_config": config}


def projector_golden(name, seed, grid, counts, pooling="adaptive"):
    golden = Golden(name, seed)
    sizes = {"vision_hidden_size": 16, "hidden_size": 24, "layer_norm_eps": 1e-5, "pooling": pooling}
    projector = golden.randomize(Projector(16, 24, eps=1e-5, pooling=pooling))
    features = golden.normal(2, grid[0] * grid[1], 16).requires_grad_()
    golden.put("inputs.features", features)
    golden.put_weights(projector, "projector.")
    for count in counts:
        projector.zero_grad()
        features.grad = None
        output = projector(features, grid, count)
        upstream = golden.normal(*output.shape)
        (output * upstream).sum().backward()
        golden.put(f"inputs.upstream.tokens{count}", upstream)
        golden.put(f"outputs.tokens{count}", output)
        golden.put(f"grads.tokens{count}.features", features.grad)
        golden.put_grads(projector, f"tokens{count}.projector.")
    facts = {"projector_config": sizes, "grid": {"height": grid[0], "width": grid[1]}}
    return golden, facts | {"num_vision_tokens": list(counts)}


IMAGE_TOKEN_ID = 63
PAD_TOKEN_ID = 0


def prompt_with_images(golden, pieces, num_vision_tokens):
    """Ids from a list of text lengths; an image stands between two neighbours."""
    ids = []
    for k, length in enumerate(pieces):
        if k > 0:
            ids += [IMAGE_TOKEN_ID] * num_vision_tokens
        ids += golden.ids(1, IMAGE_TOKEN_ID, length).tolist()
    return ids


def tokenflex_golden(num_vision_tokens):
    # One seed for every token count: weights and pixels are the same in all of them. This one makes
    # the generated ids vary and no choice a near tie.
    golden = Golden(f"tokenflex_{num_vision_tokens}", 110)
    vision = {
        "model_type": "siglip_vision_model",
        "hidden_size": 16,
        "intermediate_size": 28,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_channels": 3,
        "image_size": 16,
        "patch_size": 4,
        "hidden_act": "gelu_pytorch_tanh",
        "layer_norm_eps": 1e-6,
        "attention_dropout": 0.0,
        "vision_use_head": False,
    }
    language = language_config(24, 40, 64, True)
    model = TokenFlex(SiglipVisionConfig(**vision), hf_language_config(language), IMAGE_TOKEN_ID)
    golden.randomize(model)

    images_per_sample = torch.tensor([1, 1, 2])
    pixel_values = golden.normal(4, 3, 16, 16)
    pieces = [[3, 7], [2, 4], [2, 1, 5]]
    answers = [4, 2, 3]
    sequences = [prompt_with_images(golden, p, num_vision_tokens) for p in pieces]
    lengths = torch.tensor([len(s) for s in sequences])
    input_ids = torch.full((3, int(lengths.max())), PAD_TOKEN_ID)
    labels = torch.full_like(input_ids, IGNORE_INDEX)
    for sample, (sequence, answer) in enumerate(zip(sequences, answers)):
        input_ids[sample, : len(sequence)] = torch.tensor(sequence)
        supervised = slice(len(sequence) - answer, len(sequence))
        labels[sample, supervised] = input_ids[sample, supervised]

    features, vision_tokens, logits = model(input_ids, pixel_values, num_vision_tokens)
    loss, num_valid_tokens = sum_loss(logits, labels)
    loss.backward()

    golden.put("inputs.pixel_values", pixel_values)
    golden.put("inputs.images_per_sample", images_per_sample)
    golden.put("inputs.input_ids", input_ids)
    golden.put("inputs.labels", labels)
    golden.put("inputs.lengths", lengths)
    golden.put_weights(model)
    golden.put("outputs.vision_features", features)
    golden.put("outputs.vision_tokens", vision_tokens)
    golden.put("outputs.logits", logits)
    golden.put("outputs.loss", loss)
    golden.put("outputs.num_valid_tokens", num_valid_tokens)
    golden.put_grads(model)

    new_tokens = 8
    for k, lengths_of_text in enumerate([[3, 5], [1, 2]]):
        ids = torch.tensor([prompt_with_images(golden, lengths_of_text, num_vision_tokens)])
        pixels = pixel_values[k : k + 1]
        generated, margin = model.generate(ids, pixels, num_vision_tokens, new_tokens)
        if margin < 1e-2:
            raise ValueError(f"{golden.name}: prompt {k} is nearly a tie ({margin}); take another seed")
        with torch.no_grad():
            features = model.vision_model(pixel_values=pixels).last_hidden_state
            embeddings = model.embed(ids, model.projector(features, model.grid, num_vision_tokens))
            hf_generated = model.language_model.generate(
                inputs_embeds=embeddings,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=new_tokens,
                do_sample=False,
                pad_token_id=PAD_TOKEN_ID,
            )
        torch.testing.assert_close(generated, hf_generated)
        golden.put(f"inputs.generate.{k}.input_ids", ids)
        golden.put(f"inputs.generate.{k}.pixel_values", pixels)
        golden.put(f"outputs.generate.{k}.ids", generated)
        print(f"  prompt {k}: {generated[0].tolist()}, smallest margin {margin:.3f}")

    return golden, {
        "vision_config": vision,
        "language_config": language,
        "projector_config": {"layer_norm_eps": 1e-5},
        "image_token_id": IMAGE_TOKEN_ID,
        "pad_token_id": PAD_TOKEN_ID,
        "num_vision_tokens": num_vision_tokens,
        "max_new_tokens": new_tokens,
    }


def adamw_golden():
    golden = Golden("adamw", SEED + 7)
    settings = {"lr": 1e-2, "betas": [0.9, 0.95], "eps": 1e-8, "weight_decay": 0.1}
    max_grad_norm = 1.0
    parameters = {
        "matrix": torch.nn.Parameter(golden.normal(5, 7)),
        "vector": torch.nn.Parameter(golden.normal(11)),
    }
    for name, parameter in parameters.items():
        golden.put(f"inputs.parameters.{name}", parameter)
    optimizer = torch.optim.AdamW(parameters.values(), **settings)
    norms = []
    # Some steps stay below the largest norm and some exceed it.
    for step, std in enumerate([1.0, 0.05, 0.4, 0.1, 3.0], start=1):
        for name, parameter in parameters.items():
            parameter.grad = golden.normal(*parameter.shape, std=std)
            golden.put(f"inputs.grads.step{step}.{name}", parameter.grad)
        norms.append(torch.nn.utils.clip_grad_norm_(parameters.values(), max_grad_norm))
        optimizer.step()
        for name, parameter in parameters.items():
            state = optimizer.state[parameter]
            golden.put(f"outputs.step{step}.parameters.{name}", parameter)
            golden.put(f"outputs.step{step}.m.{name}", state["exp_avg"])
            golden.put(f"outputs.step{step}.v.{name}", state["exp_avg_sq"])
    golden.put("outputs.grad_norms", torch.stack(norms))
    return golden, {"optimizer": settings, "max_grad_norm": max_grad_norm, "steps": 5}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    folder = parser.parse_args().folder
    torch.set_num_threads(1)
    for golden, facts in [
        vision_golden(),
        decoder_golden("decoder", SEED + 2, tied=True),
        decoder_golden("decoder_untied", SEED + 3, tied=False),
        projector_golden("projector", SEED + 4, (4, 4), (1, 4, 9, 16, 25)),
        projector_golden("projector_oblong", SEED + 5, (4, 3), (4, 9)),
        projector_golden("projector_interpolated", SEED + 8, (5, 5), (1, 4, 9, 16, 25, 36), "interpolated"),
        tokenflex_golden(4),
        tokenflex_golden(9),
        adamw_golden(),
    ]:
        golden.write(folder, **facts)


if __name__ == "__main__":
    main()
