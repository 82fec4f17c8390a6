"""Writes the golden tokenizers and chat templates of core; see README.md.

Usage: python tools/golden/chat_templates.py [core/src/test/resources/golden/chat]
Tiny tokenizers of the kinds that published models use are trained on the conversations themselves. The
templates in chat_templates/ are those of the model families. Text and ids come from transformers'
apply_chat_template; which tokens are supervised comes from its {% generation %} blocks, put into a copy
of each template here.
"""

import json
import sys
from collections import Counter
from pathlib import Path

import jinja2
import tokenizers
import transformers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from chat_conversations import CONVERSATIONS

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parents[1] / "core/src/test/resources/golden/chat"
IMAGE = "<image>"
QWEN_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
LLAMA3_SPLIT = QWEN_SPLIT.replace(r"\p{N}|", r"\p{N}{1,3}|", 1)
BYTES = [f"<0x{i:02X}>" for i in range(256)]
MARK = "\u2581"
NO_REASONING = "<think>\n\n</think>\n\n"

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "größe",
            "description": "Size of <b>a thing</b> & 'more' \"quoted\"\n",
            "parameters": {"type": "object", "properties": {"n": {"type": "integer", "default": 3}}, "required": ["n"]},
        },
    }
]

# family: tokenizer, bos, eos, what of the template is supervised -> the same inside a generation block
GENERATE = "{%% generation %%}%s{%% endgeneration %%}"
FAMILIES = {
    "qwen2.5": (
        "qwen",
        None,
        "<|im_end|>",
        [
            (
                """        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}""",
                """        {%- if message.role == 'assistant' %}{{- '<|im_start|>assistant\\n' }}"""
                """{% generation %}{{- message.content + '<|im_end|>' }}{% endgeneration %}{{- '\\n' }}{%- else %}"""
                """{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}{%- endif %}""",
            )
        ],
    ),
    "qwen3": (
        "qwen",
        None,
        "<|im_end|>",
        [
            ("""'<|im_start|>' + message.role + '\\n<think>\\n' + reasoning_content.strip('\\n')""",
             """'<|im_start|>assistant\\n' }}{% generation %}{{- '<think>\\n' + reasoning_content.strip('\\n')"""),
            ("""{%- else %}
                {{- '<|im_start|>' + message.role + '\\n' + content }}""",
             """{%- else %}
                {{- '<|im_start|>assistant\\n' }}{% generation %}{{- content }}{{- '<|im_end|>' }}{% endgeneration %}{{- '\\n' }}"""),
            ("""        {%- else %}
            {{- '<|im_start|>' + message.role + '\\n' + content }}
        {%- endif %}
        {%- if message.tool_calls %}""",
             """        {%- else %}
            {{- '<|im_start|>assistant\\n' }}{% generation %}{{- content }}{{- '<|im_end|>' }}{% endgeneration %}{{- '\\n' }}
        {%- endif %}
        {%- if message.tool_calls %}"""),
            ("""content.lstrip('\\n') }}
            {%- else %}""",
             """content.lstrip('\\n') }}{{- '<|im_end|>' }}{% endgeneration %}{{- '\\n' }}
            {%- else %}"""),
            ("""        {{- '<|im_end|>\\n' }}
    {%- elif message.role == "tool" %}""", """    {%- elif message.role == "tool" %}"""),
        ],
    ),
    "llama3.1": (
        "llama3",
        "<|begin_of_text|>",
        "<|eot_id|>",
        [
            (
                """{{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}""",
                """{{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' }}"""
                """{%- if message.role == 'assistant' %}{% generation %}{{- message['content'] | trim + '<|eot_id|>' }}"""
                """{% endgeneration %}{%- else %}{{- message['content'] | trim + '<|eot_id|>' }}{%- endif %}""",
            )
        ],
    ),
    "llama2": (
        "llama2",
        "<s>",
        "</s>",
        [("{{ ' ' + content.strip() + ' ' + eos_token }}", GENERATE % "{{ ' ' + content.strip() + ' ' + eos_token }}")],
    ),
    "vicuna": (
        "llama2",
        "<s>",
        "</s>",
        [
            (
                "{{ ' ASSISTANT: ' + message['content'].strip() + eos_token }}",
                "{{ ' ASSISTANT:' }}" + GENERATE % "{{ ' ' + message['content'].strip() + eos_token }}",
            )
        ],
    ),
    "internlm2": ("internlm2", "<s>", "</s>", "chatml"),
    "chatml": ("qwen", None, "<|im_end|>", "chatml"),
}
CHATML_TURN = "{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}"
CHATML_SUPERVISED = (
    "{{'<|im_start|>' + message['role'] + '\\n'}}{% if message['role'] == 'assistant' %}"
    + GENERATE % "{{ message['content'] + '<|im_end|>' }}"
    + "{{ '\\n' }}{% else %}{{ message['content'] + '<|im_end|>' + '\\n'}}{% endif %}"
)


def special(*contents):
    return [AddedToken(content, special=True, normalized=False) for content in contents]


def corpus():
    texts = [text for conversation in CONVERSATIONS for _, text in conversation]
    return texts + ["system user assistant You are a helpful assistant. A chat between a curious user"] * 3


def byte_level(split, normalizer, specials, plain, trim_offsets, ignore_merges):
    """Byte-level BPE behind a regular expression: Qwen2.5 and Llama 3."""
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(split), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel(add_prefix_space=True, trim_offsets=True, use_regex=True)
    tokenizer.post_processor = processors.ByteLevel(add_prefix_space=True, trim_offsets=trim_offsets)
    trainer = trainers.BpeTrainer(
        vocab_size=1400, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    tokenizer.add_special_tokens(special(*specials))
    if plain:
        tokenizer.add_tokens([AddedToken(content, normalized=False) for content in plain])
    return tokenizer


def sentence_piece(metaspace_first, specials):
    """SentencePiece BPE with byte fallback, as converted for Llama 2 (legacy) and later models."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    # No word of SentencePiece holds a newline: it stays a byte.
    lines = [line for text in corpus() for line in text.split("\n")]
    # An alphabet this small leaves most of CJK, emoji and combining marks to the bytes.
    counts = Counter(character for line in lines for character in line if character != " ")
    alphabet = [MARK] + sorted(counts, key=lambda character: (-counts[character], character))[:90]
    trainer = trainers.BpeTrainer(
        vocab_size=1400,
        special_tokens=["<unk>", "<s>", "</s>", *BYTES],
        initial_alphabet=alphabet,
        limit_alphabet=len(alphabet),
        show_progress=False,
    )
    tokenizer.train_from_iterator(lines, trainer)
    tree = json.loads(tokenizer.to_str())
    tree["added_tokens"] = [token for token in tree["added_tokens"] if token["id"] < 3]
    tokenizer = Tokenizer.from_str(json.dumps(tree))
    if metaspace_first:
        tokenizer.normalizer = None
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    else:
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend(MARK), normalizers.Replace(" ", MARK)])
        tokenizer.pre_tokenizer = None
    tokenizer.decoder = decoders.Sequence(
        [
            decoders.Replace(MARK, " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    tokenizer.add_special_tokens(special(*specials))
    return tokenizer


def train():
    chatml = ["<|im_start|>", "<|im_end|>"]
    llama3 = [
        "<|begin_of_text|>",
        "<|end_of_text|>",
        "<|start_header_id|>",
        "<|end_header_id|>",
        "<|eom_id|>",
        "<|eot_id|>",
        "<|python_tag|>",
    ]
    return {
        "qwen": byte_level(
            QWEN_SPLIT,
            normalizers.NFC(),
            ["<|endoftext|>", *chatml],
            ["<tool_call>", "</tool_call>", "<think>", "</think>"],
            trim_offsets=False,
            ignore_merges=False,
        ),
        "llama3": byte_level(LLAMA3_SPLIT, None, llama3, [], trim_offsets=True, ignore_merges=True),
        "llama2": sentence_piece(False, []),
        "internlm2": sentence_piece(True, chatml),
    }


def supervised_template(template, replacements):
    if replacements == "chatml":
        replacements = [(CHATML_TURN, CHATML_SUPERVISED)]
    for old, new in replacements:
        if template.count(old) != 1:
            raise ValueError(f"found {template.count(old)} times: {old}")
        template = template.replace(old, new)
    return template


def expect(tokenizer, template, supervised, messages):
    golden = {}
    try:
        text = tokenizer.apply_chat_template(messages, chat_template=template, tokenize=False)
    except Exception as error:  # what a template raises is the outcome
        return {"error": str(error)}
    golden["text"] = text
    golden["ids"] = tokenizer.apply_chat_template(messages, chat_template=template, tokenize=True)
    marked = tokenizer.apply_chat_template(
        messages, chat_template=supervised, return_dict=True, return_assistant_tokens_mask=True
    )
    if marked["input_ids"] != golden["ids"]:
        raise ValueError(f"the supervised template renders something else: {messages}")
    mask = marked["assistant_masks"]
    golden["supervised"] = [i for i, flag in enumerate(mask) if flag]
    # An empty block of reasoning is the template's own word: it belongs to the prompt.
    whole = tokenizer._tokenizer.encode(text, add_special_tokens=False)
    for begin, _ in spans(tokenizer, supervised, messages):
        if text.startswith(NO_REASONING, begin):
            block = range(whole.char_to_token(begin), whole.char_to_token(begin + len(NO_REASONING) - 1) + 1)
            golden["supervised"] = [i for i in golden["supervised"] if i not in block]
    # A generation block that begins inside a token: the block's first character is not its token's first.
    encoding = tokenizer._tokenizer.encode(text, add_special_tokens=False)
    for begin, _ in spans(tokenizer, supervised, messages):
        from_to = encoding.offsets[encoding.char_to_token(begin)]
        if from_to[0] < begin:
            golden["inside_token"] = text[from_to[0] : from_to[1]]
    for k, message in enumerate(messages):
        if message["role"] == "assistant":
            prompt = tokenizer.apply_chat_template(
                messages[:k], chat_template=template, tokenize=False, add_generation_prompt=True
            )
            if not text.startswith(prompt):
                golden["rewritten"] = k + 1
    try:
        asked = messages[: -1] if messages[-1]["role"] == "assistant" else messages
        golden["prompt_text"] = tokenizer.apply_chat_template(
            asked, chat_template=template, tokenize=False, add_generation_prompt=True
        )
        golden["prompt_ids"] = tokenizer.apply_chat_template(
            asked, chat_template=template, tokenize=True, add_generation_prompt=True
        )
        if "enable_thinking" in template:
            golden["answer_prompt_ids"] = tokenizer.apply_chat_template(
                asked, chat_template=template, tokenize=True, add_generation_prompt=True, enable_thinking=False
            )
    except Exception as error:
        golden["prompt_error"] = str(error)
    return golden


def spans(tokenizer, template, messages):
    _, indices = transformers.utils.chat_template_utils.render_jinja_template(
        conversations=[messages], chat_template=template, return_assistant_tokens_mask=True, **tokenizer.special_tokens_map
    )
    return indices[0]


def one_line(value):
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def write_lines(path, rows):
    path.write_text("[\n" + ",\n".join(one_line(row) for row in rows) + "\n]\n")
    print(f"{path.stat().st_size:8d} bytes  {path.name}")


def with_image(tokenizer):
    copy = Tokenizer.from_str(tokenizer.to_str())
    copy.add_special_tokens(special(IMAGE))
    return copy


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    trained = train()
    facts = {}
    for name, tokenizer in trained.items():
        path = folder / f"tokenizer-{name}.json"
        path.write_text(json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=True, separators=(",", ":")) + "\n")
        extended = with_image(tokenizer)
        rows = []
        texts = sorted({text for conversation in CONVERSATIONS for _, text in conversation})
        for text in texts:
            ids = extended.encode(text, add_special_tokens=False).ids
            rows.append({"text": text, "ids": ids, "decoded": extended.decode(ids, skip_special_tokens=True)})
        write_lines(folder / f"texts-{name}.json", rows)
        again = Tokenizer.from_str(tokenizer.to_str())
        again.add_special_tokens(special("<think>", IMAGE))
        tree = json.loads(extended.to_str())
        facts[name] = {
            "vocab_size": extended.get_vocab_size(with_added_tokens=True),
            "image_id": extended.token_to_id(IMAGE),
            "added_tokens": tree["added_tokens"],
            "think_id": again.token_to_id("<think>"),
            "image_id_after_think": again.token_to_id(IMAGE),
            "added_after_think": json.loads(again.to_str())["added_tokens"],
        }
        print(f"{path.stat().st_size:8d} bytes  {path.name}")
    families = {}
    for name, (kind, bos, eos, replacements) in FAMILIES.items():
        template = (HERE / "chat_templates" / f"{name}.jinja").read_text()
        supervised = supervised_template(template, replacements)
        named = {"eos_token": eos} | ({"bos_token": bos} if bos else {})
        tokenizer = PreTrainedTokenizerFast(tokenizer_object=with_image(trained[kind]), **named)
        config = named | {"chat_template": template, "tokenizer_class": "PreTrainedTokenizerFast"}
        (folder / f"tokenizer_config-{name}.json").write_text(json.dumps(config, indent=1) + "\n")
        rows = []
        for conversation in CONVERSATIONS:
            messages = [{"role": role, "content": text} for role, text in conversation]
            rows.append(expect(tokenizer, template, supervised, messages))
        write_lines(folder / f"expected-{name}.json", rows)
        question = [{"role": "user", "content": "Größe?"}]
        families[name] = {"tokenizer": kind}
        if name in ("qwen2.5", "qwen3", "llama3.1"):
            families[name]["with_tools"] = tokenizer.apply_chat_template(
                question, tools=TOOLS, chat_template=template, tokenize=False, add_generation_prompt=True
            )
        errors = [row for row in rows if "error" in row]
        inside = [row for row in rows if "inside_token" in row]
        print(f"         {name}: {len(rows)} conversations, {len(errors)} refused, {len(inside)} inside a token")
    write_lines(folder / "conversations.json", [list(map(list, conversation)) for conversation in CONVERSATIONS])
    facts = {
        "tools": TOOLS,
        "families": families,
        "tokenizers": facts,
        "versions": {
            "jinja2": jinja2.__version__,
            "tokenizers": tokenizers.__version__,
            "transformers": transformers.__version__,
        },
    }
    (folder / "chat.json").write_text(json.dumps(facts, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
