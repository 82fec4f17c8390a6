"""Writes small inputs of every source format with the tools that people write them with.

Beside them goes expected.json: what those tools read back, in the shape of this program's records,
for SourceFixturesTest to compare with. Everything is seeded; the folder is replaced.
"""

import base64
import contextlib
import csv
import gzip
import hashlib
import io
import json
import re
import shutil
import string
import tempfile
from pathlib import Path

import datasets
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import webdataset as wds
from PIL import Image

OUT = Path(__file__).parents[2] / "data-prep/src/test/resources/sources"
CAPTION_PROMPT = "Describe the image."
MARK = "<image>\n"
RNG = np.random.default_rng(20260101)


def picture(kind="PNG", size=8):
    buffer = io.BytesIO()
    Image.fromarray(RNG.integers(0, 256, (size, size, 3), dtype=np.uint8)).save(buffer, kind)
    return buffer.getvalue()


def digest(image):
    return "sha256:" + hashlib.sha256(image).hexdigest()


def record(id, images, turns, metadata):
    return {
        "id": id,
        "images": images,
        "conversation": [[role, text] for role, text in turns],
        "metadata": {k: str(v) for k, v in metadata.items()},
    }


def exchange(user, assistant):
    return [("user", user), ("assistant", assistant)]


def caption(text, num_images=1):
    return exchange(MARK * num_images + CAPTION_PROMPT, text)


ROLES = {"human": "user", "gpt": "assistant", "system": "system"}


def llava_turns(turns):
    return [(ROLES[t["from"]], t["value"]) for t in turns]


EXPECTED = {}


def expect(name, format, records):
    EXPECTED[name] = {"format": format, "records": records}


# --- LLaVA ---------------------------------------------------------------------------------------

LLAVA = [
    {"id": "a-1", "image": "coco/1.jpg", "conversations": [
        {"from": "human", "value": "<image>\nWhat is it?"}, {"from": "gpt", "value": "Ein Bär, 熊."}], "source": "coco"},
    {"id": 2, "image": None, "conversations": [
        {"from": "system", "value": "Be short."}, {"from": "human", "value": "1+1?"}, {"from": "gpt", "value": "2"}]},
    {"id": "a-3", "images": ["x.png", "y.png"], "model": "", "conversations": [
        {"from": "human", "value": "<image><image> Compare."}, {"from": "gpt", "value": "Same."}]},
    {"id": "a-4", "conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}], "score": 0.5},
]


def llava():
    def expected(r):
        images = r.get("image") or r.get("images") or []
        images = images if isinstance(images, list) else [images]
        metadata = {k: v for k, v in r.items() if k not in ("id", "image", "images", "conversations")}
        return record(str(r["id"]), ["name:" + n for n in images], llava_turns(r["conversations"]), metadata)

    (OUT / "llava.json").write_text(json.dumps(LLAVA, indent=1, ensure_ascii=False))
    pd.DataFrame(LLAVA[:1] + LLAVA[3:]).drop(columns=["images", "model"], errors="ignore").to_json(
        OUT / "llava.jsonl", orient="records", lines=True)
    expect("llava.json", "llava", [expected(r) for r in LLAVA])
    lines = [json.loads(line) for line in (OUT / "llava.jsonl").read_text().splitlines()]
    lines = [{k: v for k, v in r.items() if v is not None} for r in lines]
    expect("llava.jsonl", "llava", [expected(r) for r in lines])


# --- WebDataset ----------------------------------------------------------------------------------

IMAGE_SUFFIXES = ("jpg", "jpeg", "png", "webp", "gif", "bmp")


def natural(suffix):
    return [int(p) if p.isdigit() else p for p in re.split(r"(\d+)", suffix)]


def webdataset():
    captions = [
        {"__key__": f"{i:06d}", "jpg": picture("JPEG"), "txt": f"Caption {i} – ü"} for i in range(5)
    ]
    del captions[1]["jpg"]
    captions[1]["webp"] = picture("WEBP")
    captions[2]["cls"] = "7"
    captions[3]["json"] = {"url": "http://x/3.jpg", "caption": "the crawler's", "width": 8, "nsfw": None}
    del captions[4]["txt"]
    captions[4]["json"] = {"text": "from json", "similarity": 0.25, "tags": ["a", "b"]}
    write_tar("captions.tar", captions)

    long_folder = "/".join(["a-rather-long-folder-name-for-a-key"] * 8)
    llava_style = [
        {"__key__": f"{long_folder}/s{i}", "png": picture(), "json": {
            "id": f"own-{i}", "image": "ignored.png", "source": "vqa", "conversations": [
                {"from": "human", "value": "<image>\nQ?"}, {"from": "gpt", "value": f"A{i}"}]}}
        for i in range(2)
    ]
    many = {"__key__": "späte/viele", "json": {"messages": [
        {"role": "user", "content": [{"type": "image"}] * 11 + [{"type": "text", "text": "Count."}]},
        {"role": "assistant", "content": "Eleven."}]}}
    many.update({f"{i}.png": picture(size=4) for i in range(1, 12)})
    unmarked = {"__key__": "u", "0.jpg": picture("JPEG"), "1.jpg": picture("JPEG"), "json": {
        "question": "Which?", "answer": "The second."}}
    text_only = {"__key__": "t", "json": {"conversations": [
        {"from": "human", "value": "No image."}, {"from": "gpt", "value": "None."}]}}
    write_tar("conversations.tar", llava_style + [many, unmarked, text_only])
    write_tar("captions.tar.gz", captions[:2])

    for name in ("captions.tar", "conversations.tar", "captions.tar.gz"):
        expect(name, "webdataset", [webdataset_record(s) for s in wds.WebDataset(str(OUT / name), shardshuffle=False)])


def write_tar(name, samples):
    with contextlib.ExitStack() as stack:
        stream = stack.enter_context(open(OUT / name, "wb"))
        if name.endswith(".gz"):
            stream = stack.enter_context(gzip.GzipFile("", "wb", fileobj=stream, mtime=0))
        writer = stack.enter_context(wds.TarWriter(stream, mtime=0))
        for sample in samples:
            writer.write(sample)


def webdataset_record(sample):
    members = {k: v for k, v in sample.items() if not k.startswith("__")}
    images = sorted((k for k in members if k.split(".")[-1] in IMAGE_SUFFIXES), key=natural)
    fields = json.loads(members.get("json", b"{}"))
    digests = [digest(members[k]) for k in images]
    used = {"image", "conversations"}
    if "conversations" in fields:
        turns = llava_turns(fields["conversations"])
    elif "messages" in fields:
        parts = lambda c: c if isinstance(c, str) else "".join(MARK if p["type"] == "image" else p["text"] for p in c)
        turns = [(m["role"], parts(m["content"])) for m in fields["messages"]]
    elif "question" in fields:
        used |= {"question", "answer"}
        turns = exchange(MARK * len(images) + fields["question"], fields["answer"])
    else:
        used |= {"caption"}
        text = members["txt"].decode() if "txt" in members else fields.get("caption")
        if text is None:
            used |= {"text"}
            text = fields["text"]
        turns = caption(text, len(images))
    metadata = {k: v for k, v in fields.items() if k not in used and v is not None and not isinstance(v, (list, dict))}
    return record(sample["__key__"], digests, turns, metadata)


# --- Parquet -------------------------------------------------------------------------------------

def parquet():
    conversations = [{
        "id": f"p-{i}",
        "image": {"bytes": picture(), "path": f"{i}.png"} if i != 2 else None,
        "conversations": [{"from": "human", "value": ("<image>\n" if i != 2 else "") + f"Q{i}"}, {"from": "gpt", "value": "ä" * (i + 1)}],
        "data_source": "demo", "width": 8 + i, "score": 0.5, "flag": i == 1, "embedding": [0.1] * 4,
    } for i in range(7)]
    features = datasets.Features({
        "id": datasets.Value("string"), "image": datasets.Image(decode=False),
        "conversations": [{"from": datasets.Value("string"), "value": datasets.Value("string")}],
        "data_source": datasets.Value("string"), "width": datasets.Value("int64"), "score": datasets.Value("float32"),
        "flag": datasets.Value("bool"), "embedding": datasets.Sequence(datasets.Value("float32"))})
    table = datasets.Dataset.from_list(conversations, features=features)
    table.to_parquet(OUT / "hf-conversations.parquet", batch_size=3)  # a row group a batch
    expect("hf-conversations.parquet", "parquet", [record(
        r["id"], [hf_image(r["image"])] if r["image"] else [], llava_turns(r["conversations"]),
        {"data_source": r["data_source"], "width": r["width"], "score": r["score"], "flag": str(r["flag"]).lower()})
        for r in load_parquet("hf-conversations.parquet", image=datasets.Image(decode=False))])

    cauldron = [{
        "images": [{"bytes": picture("JPEG"), "path": None} for _ in range(i + 1)],
        "texts": [{"user": f"Q{i}.{k}", "assistant": f"A{k}", "source": "VQAv2"} for k in range(2)],
    } for i in range(3)]
    features = datasets.Features({
        "images": datasets.Sequence(datasets.Image(decode=False)),
        "texts": [{"user": datasets.Value("string"), "assistant": datasets.Value("string"), "source": datasets.Value("string")}]})
    datasets.Dataset.from_list(cauldron, features=features).to_parquet(OUT / "cauldron.parquet")
    records = []
    for i, r in enumerate(load_parquet("cauldron.parquet", images=datasets.Sequence(datasets.Image(decode=False)))):
        turns = [t for e in r["texts"] for t in exchange(e["user"], e["assistant"])]
        turns[0] = ("user", MARK * len(r["images"]) + turns[0][1])
        records.append(record("", [hf_image(m) for m in r["images"]], turns, {}))
    expect("cauldron.parquet", "parquet", records)

    # As pandas writes it: plain binary images, messages with parts, dictionary and zstd.
    messages = pd.DataFrame([{
        "uid": i, "image": picture(), "when": pd.Timestamp("2024-02-03"),
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Look: "}, {"type": "image", "text": None}, {"type": "text", "text": "What?"}]},
            {"role": "assistant", "content": [{"type": "text", "text": f"Thing {i}"}]}],
    } for i in range(4)])
    messages.to_parquet(OUT / "messages.parquet", compression="zstd", index=False)
    records = []
    for r in pq.read_table(OUT / "messages.parquet").to_pylist():
        text = lambda m: "".join(MARK if p["type"] == "image" else p["text"] for p in m["content"])
        records.append(record(str(r["uid"]), [digest(r["image"])], [(m["role"], text(m)) for m in r["messages"]],
                              {"when": r["when"].strftime("%Y-%m-%dT%H:%M:%S.%f")}))
    expect("messages.parquet", "parquet", records)

    # Captions with names alone; lists as pyarrow names their elements now and did before.
    names = pa.table({"key": ["k0", "k1"], "image": ["a/0.jpg", "a/1.jpg"], "TEXT": ["zero", "one"], "url": ["http://0", None]})
    pq.write_table(names, OUT / "names.parquet", compression="snappy")
    expect("names.parquet", "parquet", [record(r["key"], ["name:" + r["image"]], caption(r["TEXT"]),
                                               {"url": r["url"]} if r["url"] else {}) for r in names.to_pylist()])
    for levels, compliant in (("element", True), ("item", False)):
        name = f"lists-{levels}.parquet"
        lists = pa.table({"image": [["a.jpg", "b.jpg"], []], "question": ["Q0", "Q1"], "answer": ["A0", "A1"]})
        pq.write_table(lists, OUT / name, use_compliant_nested_type=compliant, compression="gzip")
        expect(name, "parquet", [record("", ["name:" + n for n in r["image"]],
                                        exchange(MARK * len(r["image"]) + r["question"], r["answer"]), {})
                                 for i, r in enumerate(pq.read_table(OUT / name).to_pylist())])
    # Sequence of objects, stored as an object of lists.
    features = datasets.Features({"conversations": datasets.Sequence({"from": datasets.Value("string"), "value": datasets.Value("string")})})
    transposed = [{"conversations": {"from": ["human", "gpt"], "value": ["Q", "A"]}}]
    datasets.Dataset.from_list(transposed, features=features).to_parquet(OUT / "transposed.parquet")
    expect("transposed.parquet", "parquet", [record("", [], exchange("Q", "A"), {})])


def load_parquet(name, **casts):
    with tempfile.TemporaryDirectory() as cache:
        table = datasets.load_dataset("parquet", data_files=str(OUT / name), split="train", cache_dir=cache)
        for column, feature in casts.items():
            table = table.cast_column(column, feature)
        return list(table)


def hf_image(image):
    return digest(image["bytes"]) if image["bytes"] is not None else "name:" + image["path"]


# --- COCO ----------------------------------------------------------------------------------------

def coco():
    images = [{"license": 1, "file_name": f"{i:012d}.jpg", "height": 8, "width": 8, "id": 1000 + i} for i in range(5)]
    annotations = [{"image_id": 1000 + i % 5, "id": 7000 + i, "caption": f"Caption {i}, \"quoted\" ü"} for i in range(600)]
    head = {"info": {"description": "demo", "nested": {"images": [1]}}, "licenses": [{"id": 1}]}
    (OUT / "coco.json").write_text(json.dumps(head | {"images": images, "annotations": annotations[:12]}))
    (OUT / "coco-turned.json").write_text(json.dumps({"annotations": annotations, "images": images, **head}, ensure_ascii=False))
    names = {m["id"]: m["file_name"] for m in images}
    for name in ("coco.json", "coco-turned.json"):
        document = json.loads((OUT / name).read_text())
        expect(name, "coco", [record(f"coco-{a['id']}", ["name:" + names[a["image_id"]]], caption(a["caption"]),
                                     {"image_id": a["image_id"]}) for a in document["annotations"]])
    # All 600 would be most of expected.json.
    EXPECTED["coco-turned.json"]["records"] = EXPECTED["coco-turned.json"]["records"][::100]
    EXPECTED["coco-turned.json"]["every"] = 100


# --- CSV, TSV ------------------------------------------------------------------------------------

def tables():
    rows = pd.DataFrame({
        "filepath": [f"img/{i}.jpg" for i in range(5)] + [""],
        "caption": ["plain", "with, comma", "two\nlines", 'a "quoted" word', "tab\there ü 熊", "text only"],
        "score": [0.5, 1, 2, 3, 4, 5], "note": ["x", "", "", "'", '"', "y"]})
    rows.to_csv(OUT / "captions.csv", index=False)
    rows.to_csv(OUT / "captions.tsv", sep="\t", index=False, encoding="utf-8-sig", lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    for name, separator in (("captions.csv", ","), ("captions.tsv", "\t")):
        read = pd.read_csv(OUT / name, sep=separator, dtype=str, keep_default_na=False)
        expect(name, name.split(".")[-1], [record(
            "", ["name:" + r["filepath"]] if r["filepath"] else [],
            caption(r["caption"], 1 if r["filepath"] else 0),
            {k: r[k] for k in ("score", "note") if r[k]}) for i, r in read.iterrows()])
    with open(OUT / "questions.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([["id", "image", "question", "answer"], ["q1", "1.jpg", 'Say "hi"\r\nnow', "hi"],
                          ["q2", "2.jpg", "Here <image> it is", "no"]])
    with open(OUT / "questions.csv", newline="") as file:
        expect("questions.csv", "csv", [record(
            r["id"], ["name:" + r["image"]],
            exchange(("" if "<image>" in r["question"] else MARK) + r["question"], r["answer"]), {})
            for r in csv.DictReader(file)])


# --- VLMEvalKit ----------------------------------------------------------------------------------

def vlmevalkit():
    b64 = [base64.b64encode(picture(size=6)).decode() for _ in range(5)]
    common = {"category": "colour", "l2-category": "perception", "split": "dev"}
    rows = [
        {"index": 10, "image": 11, "question": "Before its image?", "A": "yes", "B": "no", "answer": "A", **common},
        {"index": 11, "image": b64[0], "question": "Which, \"now\"?\nTwo lines", "hint": "Look", "A": 1, "B": 2, "C": 3, "D": 4, "answer": "C", **common},
        {"index": 1000011, "image": 11, "question": "Turned?", "A": 2, "B": 1, "answer": "B", **common},
        {"index": 12, "image": str(b64[1:3]), "image_path": str(["a.jpg", "b.jpg"]), "question": "Two images?", "answer": "yes", **common},
        {"index": 13, "image": b64[3], "question": "是什么？", "A": "猫", "B": "狗", "answer": "A", **common},
        {"index": 14, "image": str(b64[1:4]), "question": "<image 2> or <image 1>?", "A": "<image 3>", "B": "x", "answer": "B", **common},
    ]
    frame = pd.DataFrame(rows, columns=["index", "hint", "question", *"ABCD", "answer", "category", "image", "l2-category", "split", "image_path"])
    frame.to_csv(OUT / "MMDemo.tsv", sep="\t", index=False)
    paths = pd.DataFrame([
        {"index": "x0", "question": "Path?", "image_path": "m/0.png", "answer": "one"},
        {"index": "x1", "question": "Paths?", "image_path": str(["m/it's.png", "m/1.png"]), "answer": "two"}])
    paths.to_csv(OUT / "PathDemo.tsv", sep="\t", index=False)
    for name in ("MMDemo", "PathDemo"):
        expect(f"{name}.tsv", "vlmevalkit", [vlmevalkit_record(name, line) for line in vlmevalkit_lines(OUT / f"{name}.tsv")])


def to_list(text):
    return [str(x) for x in eval(text)] if text.startswith("[") and text.endswith("]") else [text]


def vlmevalkit_lines(path):
    """What ImageBaseDataset of vlmeval/dataset/image_base.py makes of a table."""
    data = pd.read_csv(path, sep="\t")
    data["index"] = [str(x) for x in data["index"]]
    if "image" in data:
        images = dict(zip(data["index"], (str(x) for x in data["image"])))
        data["image"] = [to_list(images[images[i]] if len(images[i]) <= 64 else images[i]) for i in data["index"]]
    return [row for _, row in data.iterrows()]


def vlmevalkit_record(stem, line):
    """The prompt is that of build_prompt in vlmeval/vlm/llava; MMMU's marks as split_MMMU does."""
    text = line["question"]
    if "hint" in line and not pd.isna(line["hint"]):
        text = line["hint"] + "\n" + text
    options = {c: line[c] for c in string.ascii_uppercase if c in line and not pd.isna(line[c])}
    for letter, option in options.items():
        text += f"\n{letter}. {option}"
    chinese = re.search("[\u4e00-\u9fff]", text)
    if options:
        text += "\n请直接回答选项字母。" if chinese else "\nAnswer with the option's letter from the given choices directly."
    else:
        text += "\n请直接回答问题。" if chinese else "\nAnswer the question directly."
    if "image" in line:
        images = [digest(base64.b64decode(x)) for x in line["image"]]
    else:
        images = ["name:" + x for x in to_list(line["image_path"])]
    numbers = re.findall(r"<image (\d+)>", text)
    if numbers:
        images = [images[int(n) - 1] for n in numbers]
        text = re.sub(r"<image (\d+)>", "<image>", text)
    else:
        text = MARK * len(images) + text
    metadata = {k: line[k] for k in ("category", "l2-category", "split") if k in line}
    return record(f"{stem}-{line['index']}", images, exchange(text, line["answer"]), metadata)


if __name__ == "__main__":
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    for write in (llava, webdataset, parquet, coco, tables, vlmevalkit):
        write()
    (OUT / "expected.json").write_text(json.dumps(EXPECTED, indent=1, ensure_ascii=False) + "\n")
