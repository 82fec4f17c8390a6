"""The whole circle with every version of transformers: saved there, imported and exported here, opened there again.

Usage: python tools/golden/circle.py FOLDER [VERSION[=PYTHON] ...]

For each VERSION (4.53.3, 4.57.6 and 5.24.0 if none is named) a virtual environment is made in FOLDER/venv-VERSION, unless a
PYTHON that has torch, transformers and peft is named. In it `saved_models.py` saves tiny models and PEFT's adapters of
them; `./tokenflex import` and `export` turn each into a whole model and into parts, with and without its adapter; and
`check_export.py` of *every* version opens all of them: no tensor may be missing or left over, features, logits, tokenizer
and ends must be those of the version that saved the model. Needs a built checkout; nothing of it is written to.
"""

import shutil
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOKENFLEX = HERE.parents[1] / "tokenflex"
VERSIONS = ("4.53.3", "4.57.6", "5.24.0")
BESIDE = ("torch==2.7.1", "peft==0.21.2", "pillow", "safetensors", "jinja2", "accelerate")


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=HERE)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nends with {done.returncode}:\n{(done.stdout + done.stderr)[-4000:]}")
    return done.stdout


def interpreter(folder, asked):
    version, _, python = asked.partition("=")
    if not python:
        place = folder / f"venv-{version}"
        python = place / "bin/python"
        if not python.exists():
            venv.create(place, with_pip=True)
            run(python, "-m", "pip", "install", "--quiet", f"transformers=={version}", *BESIDE)
    found = run(python, "-c", "import transformers; print(transformers.__version__)").strip()
    if found != version:
        sys.exit(f"{python} has transformers {found}, not {version}")
    return version, python


def sources(model):
    if (model / "vision").exists():
        return "--vision", model / "vision", "--language", model / "language"
    return "--model", model


def export(model, work, out, *adapter):
    shutil.rmtree(work, ignore_errors=True)
    run(TOKENFLEX, "import", *sources(model), *adapter, "--out", work)
    run(TOKENFLEX, "export", work, "--out", out / "whole")
    run(TOKENFLEX, "export", work, "--parts", "--out", out / "parts")


def main():
    folder = Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    pythons = dict(interpreter(folder, asked) for asked in sys.argv[2:] or VERSIONS)
    saved, exports = folder / "saved", folder / "exports"
    for made in (saved, exports):
        shutil.rmtree(made, ignore_errors=True)
    for version, python in pythons.items():
        run(python, HERE / "saved_models.py", saved)
        for model in sorted((saved / version).iterdir()):
            out = exports / version / model.name
            export(model, folder / "imported", out)
            if (model / "adapter").exists():
                export(model, folder / "imported", out.with_name(model.name + "-adapted"), "--adapter", model / "adapter")
        print(f"{version}: saved, imported and exported {len(list((exports / version).iterdir()))} models", flush=True)
    for opened, python in pythons.items():
        for version in pythons:
            print(f"saved by {version}, opened by {opened}")
            print(run(python, HERE / "check_export.py", exports / version, saved / version), end="", flush=True)


if __name__ == "__main__":
    main()
