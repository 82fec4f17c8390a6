"""Trains the byte-level BPE tokenizer of the quickstart and writes its tokenizer.json.

It has the pieces of Qwen2's tokenizer (NFC, Qwen2's split, single digits, byte-level BPE, ChatML's
special tokens) with 1024 entries in place of 151 thousand. All 256 bytes are in the vocabulary, so
any text can be encoded; the words of simple questions about pictures are one or two tokens.

Text: the language reference that ships with Python (`pydoc_data.topics`) for English in general,
and sentences written out below. Run with Python 3.11 and requirements.txt to get the same bytes.
"""

import argparse
import itertools
import re
from pathlib import Path
from pydoc_data.topics import topics

from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer

FILE = "core/src/main/resources/io/tokenflex/tokenizer/byte-level/tokenizer.json"
VOCAB_SIZE = 1024
SPECIAL_TOKENS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<image>"]

# Of Qwen2: letters in runs, digits one by one, a space belongs to the word after it.
SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)

COLOURS = "red green blue yellow black white pink orange purple brown grey".split()
SHAPES = "circle square triangle cross star ring diamond rectangle line dot".split()
PLACES = [
    *("top left", "top right", "bottom left", "bottom right", "centre", "middle"),
    *("top", "bottom", "left", "right", "above", "below", "inside", "outside", "behind"),
]
NUMBERS = "zero one two three four five six seven eight nine ten none".split()
THINGS = "shape object number digit word letter picture image colour corner size text sign".split()
QUESTIONS = [
    "What colour is the {shape}?",
    "Which colour does the {shape} have?",
    "Tell me the colour of the {shape}.",
    "What shape is the {colour} object?",
    "What shape is {colour}?",
    "Which shape is {colour}?",
    "Name the shape that is {colour}.",
    "How many shapes are there?",
    "How many {colour} objects can you see?",
    "How many {shape}s are in the picture?",
    "Count the shapes.",
    "Count the objects in the image.",
    "Where is the {shape}?",
    "Where is the {colour} {shape}?",
    "In which corner is the {shape}?",
    "Is the {shape} at the {place}?",
    "What is {place} the {shape}?",
    "What number is printed below?",
    "What {thing} is printed at the {place}?",
    "Read the number at the bottom.",
    "Read the {thing} at the {place}.",
    "Which number stands below the shapes?",
    "Which {thing} is {place} of the {shape}?",
    "Describe the image. There is a small {colour} {shape} and a large {shape}.",
    "Answer with a single word. Yes, there are {number} {colour} {shape}s. No.",
    "The {shape} is {colour}. The {thing} is at the {place}. It has {number} sides.",
]
SENTENCE_REPEATS = 12


def sentences():
    """Every question with every filling, and each answer on a line of its own."""
    fillings = itertools.product(COLOURS, SHAPES)
    for k, (colour, shape) in enumerate(fillings):
        filling = {
            "colour": colour,
            "shape": shape,
            "place": PLACES[k % len(PLACES)],
            "number": NUMBERS[k % len(NUMBERS)],
            "thing": THINGS[k % len(THINGS)],
        }
        for question in QUESTIONS:
            yield question.format(**filling)
        yield from ("user", "assistant", "system", "yes", "no", *filling.values())


def documentation():
    """The language reference without its tables, rulers and code."""
    for _, text in sorted(topics.items()):
        for paragraph in re.split(r"\n\s*\n", text):
            if not re.search(r"^ {4}|[|+=_*]{2}|>>>", paragraph, re.MULTILINE):
                yield paragraph


def train():
    tokenizer = Tokenizer(BPE(byte_fallback=False))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = BpeTrainer(
        vocab_size=VOCAB_SIZE - len(SPECIAL_TOKENS),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    text = [*documentation(), *sorted(sentences()) * SENTENCE_REPEATS]
    tokenizer.train_from_iterator(text, trainer)
    special_tokens = [AddedToken(token, special=True, normalized=False) for token in SPECIAL_TOKENS]
    tokenizer.add_special_tokens(special_tokens)
    return tokenizer


def check(tokenizer):
    """What the quickstart relies on."""
    if tokenizer.get_vocab_size() != VOCAB_SIZE:
        raise ValueError(f"{tokenizer.get_vocab_size()} entries, expected {VOCAB_SIZE}")
    for text in ["Straße, naïve: 東京 🙂\r\n\t tab", "".join(map(chr, range(256))), "x" * 100]:
        ids = tokenizer.encode(text).ids
        if tokenizer.decode(ids) != text:
            raise ValueError(f"{text!r} came back as {tokenizer.decode(ids)!r}")
    if len(tokenizer.encode("2025").ids) != 4:
        raise ValueError("digits are not single tokens")
    for token in SPECIAL_TOKENS:
        if tokenizer.encode(f"a{token}\nb").ids[1] != tokenizer.token_to_id(token):
            raise ValueError(f"{token} is not one token inside a text")
    for text in sorted(set(sentences())):
        for word in re.findall(r" ?\w+", text):
            if len(tokenizer.encode(word).ids) > 2:
                raise ValueError(f"{word!r} of {text!r} is {tokenizer.encode(word).tokens}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    default = Path(__file__).resolve().parents[2] / FILE
    parser.add_argument("--file", type=Path, default=default)
    file = parser.parse_args().file
    tokenizer = train()
    check(tokenizer)
    file.parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(file))
    print(f"{tokenizer.get_vocab_size()} entries, {file.stat().st_size} bytes: {file.name}")
    for token in SPECIAL_TOKENS:
        print(f"{tokenizer.token_to_id(token):5d} {token}")


if __name__ == "__main__":
    main()
