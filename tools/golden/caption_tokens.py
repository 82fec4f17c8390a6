"""Writes core/src/test/resources/evaluation/cases/caption-tokens-2.json: how the PTB tokenizer of the COCO caption code
splits the lines of caption_lines.txt. Needs Java and the jar that pycocoevalcap 1.2 holds:

    python caption_tokens.py stanford-corenlp-3.4.1.jar caption_lines.txt caption-tokens-2.json
"""

import json
import pathlib
import subprocess
import sys

DROPPED = ["''", "'", "``", "`", "-LRB-", "-RRB-", "-LCB-", "-RCB-", ".", "?", "!", ",", ":", "-", "--", "...", ";"]


def main():
    jar, lines, output = sys.argv[1:]
    command = ["java", "-cp", jar, "edu.stanford.nlp.process.PTBTokenizer", "-preserveLines", "-lowerCase", lines]
    tokens = subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\n")
    texts = pathlib.Path(lines).read_text(encoding="utf-8").split("\n")
    cases = [{"id": f"caption-tokens-2-{number + 1}", "input": {"text": text},
              "expected": " ".join(word for word in split.rstrip().split(" ") if word not in DROPPED)}
             for number, (text, split) in enumerate(zip(texts, tokens)) if text.strip()]
    content = {"scorer": "caption-tokens",
               "about": "Texts with the marks and words that the PTB tokenizer treats apart.",
               "sources": [{"repository": "pycocoevalcap 1.2, Stanford CoreNLP 3.4.1", "function": "PTBTokenizer"}],
               "cases": cases}
    pathlib.Path(output).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
