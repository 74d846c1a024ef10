"""What lies beside the file: readers that run it, the tokenizer, a page for browsers, and a README with figures."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from headstart.core.preprocessing.text import TOKENIZER
from headstart.exporting.exportable import Exportable
from headstart.exporting.formats.contract import Format
from headstart.exporting.reader import NEEDS, PARTS, reader_source

README = "README.md"
BROWSER = ("reader.mjs", "index.html")
INPUT = {"image": "picture", "text": "text file (UTF-8)", "sound": "recording"}


def runs_in_browser(model: Exportable, written: Format) -> bool:
    """Browsers decode pictures by themselves; tokens and samples they do not."""
    return written.browser and model.modality == "image"


def write_readers(folder: Path, model: Exportable, written: Format) -> None:
    """``reader.py``, the tokenizer of texts, and what a browser needs."""
    (folder / "reader.py").write_text(reader_source(model.modality, written.running), encoding="utf-8")
    if place := model.network.assets.get(TOKENIZER):
        shutil.copyfile(model.shipped.folder / place, folder / TOKENIZER)
    if runs_in_browser(model, written):
        for name in BROWSER:
            (folder / name).write_text(files(PARTS).joinpath(name).read_text(encoding="utf-8"), encoding="utf-8")


def write_readme(
    folder: Path, model: Exportable, facts: Mapping[str, Any], gate: Mapping[str, Any], written: Format
) -> None:
    """README.md: what is here, how it is used, and what was measured."""
    browser = runs_in_browser(model, written)
    sections = [_what(model, facts, written), _python(model, written)]
    sections += [_javascript()] if browser else []
    sections += [_measured(gate, facts), _licence(facts)]
    (folder / README).write_text("\n".join(sections), encoding="utf-8")


def _what(model: Exportable, facts: Mapping[str, Any], written: Format) -> str:
    names = facts["class_names"]
    gives = f"one of {len(names)} names" if names else "a number"
    opset = f" (opset {facts['opset']})" if "opset" in facts else ""
    return f"""# A model in one file

`{written.file}`{opset} takes a {INPUT[model.modality]} and gives {gives}. Network: {facts["network"]}.
Made with Headstart {facts["headstart_version"]}.

| file | what |
|--|--|
| `{written.file}` | the model |
| `model.json` | names of the classes, how inputs are prepared outside the file, how a decision follows |
| `reader.py` | runs the model on files; to be read and copied |
{_row(model, written)}| `gate.json` | how far its answers are from those of the run it comes from |
"""


def _row(model: Exportable, written: Format) -> str:
    rows = "| `tokenizer.json` | text to tokens |\n" if model.modality == "text" else ""
    if runs_in_browser(model, written):
        rows += "| `reader.mjs`, `index.html` | the same in a browser |\n"
    return rows


def _python(model: Exportable, written: Format) -> str:
    packages = " ".join(dict.fromkeys([*NEEDS[model.modality], *written.packages]))
    return f"""## Python

```sh
pip install {packages}
python reader.py FILE ...
```

A line of JSON for each file: `prediction`, `probability`, `probabilities`, or `error`. `--batch 8` computes inputs of
equal shape together.
"""


def _javascript() -> str:
    return """## In a browser

`index.html` classifies a picture that is dropped on it; the model runs in the page and no picture leaves it. It needs
onnxruntime-web in the folder `ort`, and any static file server:

```sh
npm pack onnxruntime-web && tar -xzf onnxruntime-web-*.tgz && mkdir ort
cp package/dist/ort.wasm.min.mjs package/dist/ort-wasm-simd-threaded.{mjs,wasm} ort/
python -m http.server
```

In your own page: `import { load, classify } from "./reader.mjs"`, then `await classify(await load(), file)`.
"""


def _measured(gate: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    alone, batch, speed, tests = gate["alone"], gate["batch"], gate["milliseconds"], gate["tests"]
    unit = "standard deviations of the predictions" if facts["kind"] == "real" else "a probability"
    lines = [
        f"- Latency of `reader.py`: {speed['median']:.1f} ms an input (median; 95 % below {speed['p95']:.1f} ms), "
        f"decoding included, {speed['threads']} thread, {speed['machine']}.",
        f"- Against the run on {alone['n']} raw inputs, in a process without PyTorch: largest difference of {unit} "
        f"{alone['largest_difference']:.2g}, {alone['changed_decisions']} decisions changed; {batch['size']} at a time "
        f"{batch['largest_difference']:.2g} and {batch['changed_decisions']}.",
        f"- Size of the file: {gate['bytes'] / 2**20:.1f} MiB.",
    ]
    if tests and "accuracy" in tests:
        accuracy = tests["accuracy"]
        lines.insert(
            2,
            f"- Right on {accuracy['file']:.1%} of {tests['n']} test examples; the run is on {accuracy['run']:.1%}.",
        )
    return "## Measured\n\n" + "\n".join(lines) + "\n"


def _licence(facts: Mapping[str, Any]) -> str:
    note = f" {facts['licence_note']}" if facts["licence_note"] else ""
    return (
        f"## Licence\n\nWeights of the network: {facts['licence'] or 'not known'}.{note} The readers are part of "
        "Headstart, Apache-2.0. What was learned from your data is yours.\n"
    )
