"""What lies beside the file: readers that run it, the tokenizer, a page for browsers, and a README with figures."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.backbones.fitted.tfidf import JOINT
from headstart.core.preprocessing.text import TOKENIZER
from headstart.exporting.browser import Browser, browser_of
from headstart.exporting.exportable import Exportable
from headstart.exporting.facts import asset_name
from headstart.exporting.formats.contract import Format
from headstart.exporting.phones import phone_section
from headstart.exporting.reader import NEEDS, reader_source

README = "README.md"
INPUT = {"image": "picture", "text": "text file (UTF-8)", "sound": "recording"}
ROW = "row of a table (`.csv` with a header, or JSON objects, one on each line)"


def write_readers(folder: Path, model: Exportable, written: Format) -> None:
    """``reader.py``, tokenizers and vocabularies of texts, and what a browser needs."""
    source = reader_source([each.kind for each in model.inputs], written.running, written.fixed)
    (folder / "reader.py").write_text(source, encoding="utf-8")
    for each in model.inputs:
        if each.kind == "text":
            place = model.network(model.sources[each.source]).assets[TOKENIZER]
            shutil.copyfile(model.shipped.folder / place, folder / asset_name(model, each))
        if each.kind == "terms":
            terms = model.fitted(model.sources[each.source])[1].arrays
            blocks = {name: _terms(terms[name]) for name in ("words", "characters")}
            (folder / asset_name(model, each)).write_text(json.dumps(blocks, ensure_ascii=False), encoding="utf-8")
    if browser := browser_of(model, written):
        browser.write(folder)


def _terms(joined: NDArray[np.uint8]) -> list[str]:
    text = joined.tobytes().decode("utf-8", "replace")
    return text.split(JOINT) if text else []


def write_readme(
    folder: Path, model: Exportable, facts: Mapping[str, Any], gate: Mapping[str, Any], written: Format
) -> None:
    """README.md: what is here, how it is used, and what was measured."""
    browser = browser_of(model, written)
    sections = [_what(model, facts, written, browser), _python(model, written)]
    sections += [_javascript(browser)] if browser else []
    sections += [phone_section(model, facts, written)] if written.fixed else []
    sections += [_measured(gate, facts, written), _licence(facts)]
    (folder / README).write_text("\n".join(sections), encoding="utf-8")


def _what(model: Exportable, facts: Mapping[str, Any], written: Format, browser: Browser | None) -> str:
    names = facts["class_names"]
    gives = f"one of {len(names)} names" if names else "a number"
    taken = ROW if model.is_row else INPUT[model.shipped.schema.parts[0].modality]
    opset = f" (opset {facts['opset']})" if "opset" in facts else ""
    return f"""# A model in one file

`{written.file}`{opset} takes a {taken} and gives {gives}. Model: {facts["model"]}.
Made with Headstart {facts["headstart_version"]}.

| file | what |
|--|--|
| `{written.file}` | the model |
| `model.json` | names of the classes, how inputs are prepared outside the file, how a decision follows |
| `reader.py` | runs the model on files; to be read and copied |
{_files(model, browser)}| `gate.json` | how far its answers are from those of the run it comes from |
{_unknown(model)}"""


def _unknown(model: Exportable) -> str:
    """That a file never says "unknown", where the run does."""
    if model.shipped.postprocessing().record.unknown_below is None:
        return ""
    return """
The run answers `unknown` where it knows too little of an input. This file does not: its answer is always one of the
names, and an input of a class that was never learned gets one, too.
"""


def _files(model: Exportable, browser: Browser | None) -> str:
    """Lines of the table for what only some models have."""
    kinds = {"text": "text to tokens", "terms": "words and runs of characters that the model knows"}
    lines = [f"| `{asset_name(model, each)}` | {kinds[each.kind]} |" for each in model.inputs if each.kind in kinds]
    if browser:
        lines.append(f"| {', '.join(f'`{name}`' for name in browser.files)} | the same in a browser |")
    return "".join(f"{line}\n" for line in lines)


def _python(model: Exportable, written: Format) -> str:
    needed = [package for each in model.inputs for package in NEEDS[each.kind]]
    packages = " ".join(dict.fromkeys([*needed, *written.packages]))
    return f"""## Python

```sh
pip install {packages}
python reader.py FILE ...
```

A line of JSON for each {"row" if model.is_row else "file"}: `prediction`, `probability`, `probabilities`, or `error`.
`--batch 8` computes inputs of equal shape {"one after another" if written.fixed else "together"}.{_cells(model)}
"""


def _cells(model: Exportable) -> str:
    """Which columns a row has."""
    if not model.is_row:
        return ""
    schema = model.shipped.schema
    inputs = [name for part in schema.parts for name in part.columns or (part.modality,)]
    names = ", ".join(f"`{name}`" for name in (*inputs, *(each.name for each in schema.columns)))
    files = any(part.modality != "text" for part in schema.parts)
    beside = " Files are named relative to the table." if files else ""
    return f" A row has the columns {names}; others are passed over.{beside}"


GIVEN = {
    "picture": "a picture that is dropped on it, pasted or chosen",
    "text": "a text that is typed",
    "pair of texts": "two texts that are typed",
    "recording": "a recording that is dropped on it, chosen or made there",
    "row": "the rows of a table that is dropped on it or chosen, or of one row that is typed",
}
IN_CODE = {
    "picture": "a File or Blob",
    "text": "a string",
    "pair of texts": "an array of two strings",
    "recording": "a File or Blob, or the bytes of one; what is not WAV is decoded by the browser",
    "row": "an object with a value by column, Files or Blobs for pictures and recordings",
}


def _javascript(browser: Browser) -> str:
    return f"""## In a browser

`index.html` shows what the model says of {GIVEN[browser.noun]}.
The model runs in the page: no input leaves it. It needs onnxruntime-web in the folder `ort`, and any server of plain
files; then open http://localhost:8000:

```sh
npm pack onnxruntime-web && tar -xzf onnxruntime-web-*.tgz && mkdir ort
cp package/dist/ort.wasm.min.mjs package/dist/ort-wasm-simd-threaded.{{mjs,wasm}} ort/
python -m http.server
```

In your own page: `import {{ load, classify }} from "./reader.mjs"`, then `await classify(await load(), input)`. An
input is {IN_CODE[browser.noun]}.
"""


def _measured(gate: Mapping[str, Any], facts: Mapping[str, Any], written: Format) -> str:
    without = "Headstart" if "torch" in written.needs else "PyTorch"
    alone, batch, speed, tests = gate["alone"], gate["batch"], gate["milliseconds"], gate["tests"]
    unit = "standard deviations of the predictions" if facts["kind"] == "real" else "a probability"
    lines = [
        f"- Latency of `reader.py`: {speed['median']:.1f} ms an input (median; 95 % below {speed['p95']:.1f} ms), "
        f"decoding included, {speed['threads']} thread, {speed['machine']}."
        + (f" The same model as ONNX: {speed['onnx']:.1f} ms." if speed.get("onnx") else ""),
        f"- Against the run on {alone['n']} raw inputs, in a process without {without}: largest difference of {unit} "
        f"{alone['largest_difference']:.2g}, {alone['changed_decisions']} decisions changed; {batch['size']} at a time "
        f"{batch['largest_difference']:.2g} and {batch['changed_decisions']}.",
        f"- Size of the file: {gate['bytes'] / 2**20:.1f} MiB.",
    ]
    if tests:
        lines[2:2] = _tests(tests)
    return "## Measured\n\n" + "\n".join(lines) + "\n"


def _tests(tests: Mapping[str, Any]) -> list[str]:
    """The file on the run's own test examples, beside the run."""
    if "accuracy" in tests:
        own = {who: f"{value:.1%}" for who, value in tests["accuracy"].items()}
        lines = [f"- Right on {own['file']} of {tests['n']} test examples of the run"]
    else:
        own = {who: f"{value:.4g}" for who, value in tests["rmse"].items()}
        lines = [f"- Root of the mean squared error on {tests['n']} test examples of the run: {own['file']}"]
    if "as_written" not in tests:
        return [f"{lines[0]}; the run's bundle: {own['bundle']}."]
    written = tests["as_written"]
    same = written["changed_in_the_bundle_too"]
    return [
        f"{lines[0]}; the run as it was reported: {own['run']}. It computed with {written['precision']}: largest "
        f"difference to its predictions {written['largest_difference']:.2g}, {written['changed_decisions']} decisions "
        f"changed" + (f", {same} of them by the run's own model in float32 too." if same else ".")
    ]


def _licence(facts: Mapping[str, Any]) -> str:
    note = f" {facts['licence_note']}" if facts["licence_note"] else ""
    weights = f"Weights of the network: {facts['licence'] or 'not known'}.{note} " if facts["network"] else ""
    return (
        f"## Licence\n\n{weights}The readers are part of Headstart, Apache-2.0. What was learned from your data is "
        "yours.\n"
    )
