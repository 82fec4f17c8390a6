"""Writes the goldens of the decoder families: Qwen2, Qwen3 and Llama with every rope scaling.

Usage: python tools/golden/language_families.py [core/src/test/resources/golden/language]
Conventions are those of write_goldens.py. Weights lie under the names that published models use, and
`config` in each json is the config.json that transformers would save.

Frequencies of dynamic rope scaling depend on the length of the pass. transformers keeps the longest
length it has seen until a pass is shorter than the original maximum; here every whole pass starts from
a reset, so that it depends on its own length alone. Generation with a cache takes, for every new
token, the frequencies of the length reached, and leaves the cached keys as they were rotated.
"""

import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, LlamaConfig, Qwen2Config, Qwen3Config
from transformers.cache_utils import DynamicCache
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

from reference import IGNORE_INDEX, sum_loss
from write_goldens import FOLDER, SEED, Golden, outputs_of

VOCAB = 48
LENGTH = 29
PROMPT = 9
NEW_TOKENS = 12
NO_SPECIAL_TOKENS = {"bos_token_id": None, "eos_token_id": None, "pad_token_id": None}
TINY = {
    "vocab_size": VOCAB,
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 64,
    **NO_SPECIAL_TOKENS,
}
GROUPED = TINY | {"num_key_value_heads": 2}
# Wavelengths of head_dim 8 and theta 1000 are 6, 35, 199 and 1117: kept, between, divided, divided.
LLAMA3 = {
    "rope_type": "llama3",
    "factor": 4.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 100,
}
WIDE = GROUPED | {"head_dim": 8, "rope_theta": 1000.0, "max_position_embeddings": 128}
# Name, configuration, seed; the seed is one that makes no generated token a near tie.
FAMILIES = [
    ("qwen2", Qwen2Config(**GROUPED, tie_word_embeddings=False), 1),
    ("qwen2_tied", Qwen2Config(**GROUPED, tie_word_embeddings=True, rope_theta=1e6), 6),
    ("qwen3", Qwen3Config(**GROUPED, head_dim=8, tie_word_embeddings=True, rope_theta=1e6), 6),
    ("llama2", LlamaConfig(**TINY, rms_norm_eps=1e-5), 2),
    ("llama3", LlamaConfig(**WIDE, rms_norm_eps=1e-5, rope_scaling=LLAMA3), 3),
    ("llama_linear", LlamaConfig(**GROUPED, rope_scaling={"type": "linear", "factor": 2.5}), 2),
    (
        "llama_dynamic",
        LlamaConfig(
            **GROUPED | {"max_position_embeddings": 16},
            rope_scaling={"rope_type": "dynamic", "factor": 2.0},
        ),
        2,
    ),
]


def randomize(golden, model):
    """Queries and keys larger than the rest, so that positions show in what attention picks."""
    golden.randomize(model)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "q_proj" in name or "k_proj" in name:
                parameter.mul_(1.5)
    return model


def reset_rope(model):
    """Forgets the longest length seen: dynamic frequencies are those of a fresh model."""
    rotary = model.model.rotary_emb
    rotary.register_buffer("inv_freq", rotary.original_inv_freq, persistent=False)
    rotary.max_seq_len_cached = rotary.original_max_seq_len


def batch(golden):
    lengths = torch.tensor([LENGTH, 21])
    input_ids = golden.ids(1, VOCAB, 2, LENGTH)
    labels = input_ids.clone()
    labels[0, :4] = IGNORE_INDEX
    labels[0, 8] = IGNORE_INDEX
    labels[1, :3] = IGNORE_INDEX
    for sample, length in enumerate(lengths):
        input_ids[sample, length:] = 0
        labels[sample, length:] = IGNORE_INDEX
    return input_ids, labels


@torch.no_grad()
def generate(model, prompts_BT):
    """Greedy ids token by token with a cache, and the smallest lead of a chosen token."""
    cache = DynamicCache()
    ids, generated, margins = prompts_BT, [], []
    for _ in range(NEW_TOKENS):
        logits = model(input_ids=ids, past_key_values=cache, use_cache=True).logits[:, -1]
        best = logits.topk(2).values
        margins.append(float((best[:, 0] - best[:, 1]).min()))
        ids = logits.argmax(-1, keepdim=True)
        generated.append(ids)
    return torch.cat(generated, dim=1), min(margins)


def without_scaling(model, config):
    plain = type(config)(**(config.to_dict() | {"rope_scaling": None}))
    other = AutoModelForCausalLM.from_config(plain)
    other.load_state_dict(model.state_dict())
    return other.eval()


def family_golden(name, config, seed):
    golden = Golden(name, SEED + 100 + seed)
    model = randomize(golden, AutoModelForCausalLM.from_config(config))
    layers = outputs_of(model.model.layers)
    embeddings = outputs_of([model.model.embed_tokens])
    input_ids, labels = batch(golden)

    logits = model(input_ids=input_ids, use_cache=False).logits
    loss, num_valid_tokens = sum_loss(logits, labels)
    loss.backward()

    golden.put("inputs.input_ids", input_ids)
    golden.put("inputs.labels", labels)
    golden.put_weights(model)
    for k, hidden_states in enumerate([*embeddings, *layers]):
        golden.put(f"outputs.hidden_states.{k}", hidden_states)
    golden.put("outputs.logits", logits)
    golden.put("outputs.loss", loss)
    golden.put("outputs.num_valid_tokens", num_valid_tokens)
    golden.put_grads(model)

    prompts = golden.ids(1, VOCAB, 2, PROMPT)
    reset_rope(model)
    generated, margin = generate(model, prompts)
    if margin < 1e-2:
        raise ValueError(f"{name}: a token is nearly a tie ({margin}); take another seed")
    reset_rope(model)
    hf_generated = model.generate(
        prompts,
        attention_mask=torch.ones_like(prompts),
        max_new_tokens=NEW_TOKENS,
        do_sample=False,
        pad_token_id=0,
    )
    torch.testing.assert_close(generated, hf_generated[:, PROMPT:])
    if config.rope_scaling is not None:
        other = without_scaling(model, config)
        with torch.no_grad():
            unscaled = sum_loss(other(input_ids=input_ids, use_cache=False).logits, labels)[0]
        if abs(unscaled - loss) < 0.1 or torch.equal(generate(other, prompts)[0], generated):
            raise ValueError(f"{name}: the scaling hardly shows; take another seed")
    golden.put("inputs.generate.input_ids", prompts)
    golden.put("outputs.generate.ids", generated)
    print(f"  {name}: loss {loss:.3f}, {generated.tolist()}, smallest margin {margin:.3f}")
    return golden, {"config": config.to_diff_dict()}


def inverse_frequencies_golden():
    """At the sizes of published models, where single precision shows."""
    golden = Golden("rope_scaling", SEED + 100)
    sizes = {"hidden_size": 4096, "num_attention_heads": 32, "head_dim": 128}
    long = {"rope_theta": 500000.0, "max_position_embeddings": 131072}
    llama31 = LLAMA3 | {"factor": 8.0, "original_max_position_embeddings": 8192}
    llama32 = llama31 | {"factor": 32.0}
    cases = [
        ("llama2", {"rope_theta": 10000.0}, None, 4096),
        ("llama3.1", long, llama31, 4096),
        ("llama3.2", long | {"head_dim": 64}, llama32, 4096),
        ("linear", {"rope_theta": 10000.0}, {"rope_type": "linear", "factor": 4.0}, 4096),
    ]
    dynamic = {"rope_type": "dynamic", "factor": 2.0}
    for length in (1, 2048, 2049, 4096, 5000):
        cases.append((f"dynamic.{length}", {"rope_theta": 10000.0}, dynamic, length))
    facts = []
    for name, changes, scaling, length in cases:
        config = LlamaConfig(**sizes | changes, rope_scaling=scaling)
        function = ROPE_INIT_FUNCTIONS["default" if scaling is None else scaling["rope_type"]]
        golden.put(name, function(config, "cpu", seq_len=torch.tensor(length))[0])
        facts.append({"name": name, "sequence_length": length, "config": config.to_diff_dict()})
    return golden, {"cases": facts}


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER / "language"
    torch.set_num_threads(1)
    for family in FAMILIES:
        golden, facts = family_golden(*family)
        golden.write(folder, **facts)
    golden, facts = inverse_frequencies_golden()
    golden.write(folder, **facts)
    defaults = {kind.model_type: kind().to_dict() for kind in (Qwen2Config, Qwen3Config, LlamaConfig)}
    (folder / "defaults.json").write_text(json.dumps(defaults, indent=2) + "\n")


if __name__ == "__main__":
    main()
