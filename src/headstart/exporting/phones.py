"""The README's section on files of fixed sizes: where such a file goes in an app, and what the app gives it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headstart.exporting.exportable import Exportable, RawInput
from headstart.exporting.formats.contract import Format

APPS = {
    "run_executorch": """\
Android: `model.pte` among the app's assets, copied to its files folder, opened by `Module.load` of the package
`org.pytorch:executorch-android`. iOS: in the app's bundle, opened by `Module` of the Swift package ExecuTorch.
The file needs the XNNPACK backend and the portable operators. An entry is a method: `execute(ENTRY, ...)`. In Python
the runtime needs PyTorch, elsewhere it does not: `run.cpp` is a program that asks the file in C++.""",
    "run_litert": """\
Android: `model.tflite` in `app/src/main/assets`, opened with the package `com.google.ai.edge.litert:litert`. iOS: in
the app's bundle, opened with the pod TensorFlowLiteSwift. An entry is a signature, whose inputs are `args_0`, `args_1`
and so on in the order below.""",
}


def phone_section(model: Exportable, facts: Mapping[str, Any], written: Format) -> str:
    """What goes where, the entries, and how an input is prepared."""
    rows = [
        f"| `{entry}` | " + "; ".join(f"`{name}` {_shape(facts, name, shape)}" for name, shape in shapes.items()) + " |"
        for entry, shapes in facts["entries"].items()
    ]
    said = [f"- `{each.name}`: {_prepared(model, each, facts)}" for each in model.inputs]
    table = "\n".join(["| entry | takes |", "|--|--|", *rows])
    several = " Take the smallest entry that an input fits in." if len(rows) > 1 else ""
    return f"""## On a phone

{APPS[written.running]}

{table}

One input at a time.{several} How `reader.py` prepares it, and an app must too:

{chr(10).join(said)}

{_answers(facts)}
"""


def _shape(facts: Mapping[str, Any], name: str, shape: list[int]) -> str:
    dtype = next(each["dtype"] for each in facts["inputs"] if each["name"] == name)
    return f"{dtype} ({', '.join(map(str, shape))})"


def _prepared(model: Exportable, each: RawInput, facts: Mapping[str, Any]) -> str:
    asked = next(other for other in facts["inputs"] if other["name"] == each.name)
    settings = asked.get("preprocessing", {})
    return {"image": _picture, "text": _tokens, "sound": _waveform, "terms": _counts, "columns": _values}[each.kind](
        asked, settings
    )


def _picture(asked: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    height, width = settings["image_size"]
    kept = {
        "crop": "the largest box of these proportions in the middle of the picture, "
        f"{settings['crop_fraction']:g} of its width and height",
        "squash": "the whole picture, its proportions given up",
        "pad": "the whole picture, its proportions kept, in the middle of the colour "
        f"{[round(each * 255) for each in settings['mean']]}",
    }[settings["resize"]]
    return (
        f"{height} rows of {width} pixels from the top, red, green, blue (in this order, channels last), whole numbers "
        f"0 to 255. Of a picture turned upright as its EXIF says {kept}, resized with a {settings['interpolation']} "
        "filter that is stretched where the picture shrinks (antialiased). Scaling and normalisation are in the file."
    )


def _tokens(asked: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    before = f"`{settings['prefix']}` and the text" if settings["prefix"] else "the text"
    return (
        f"the numbers that `{asked['tokenizer']}` makes of {before}, special tokens included, {settings['max_tokens']} "
        "at most; beside each the segment (0, of the second text of a pair 1); -1 in both behind the text's end."
    )


def _waveform(asked: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    unit = " scaled to mean 0 and variance 1," if settings["scaling"] == "unit_variance" else ""
    return (
        f"one channel at {settings['sample_rate']:,} samples a second, in -1 to 1,{unit} NaN behind its end. One "
        f"shorter than {settings['min_seconds']:g} s lies in the middle of zeros of that length; of one longer than "
        f"{settings['max_seconds']:g} s the middle is taken. The spectrogram is in the file."
    )


def _counts(asked: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    return (
        f"how often each term of `{asked['vocabulary']}` comes in the text, its words first, then its runs of "
        "characters; how terms are found is `terms` in `reader.py`."
    )


def _values(asked: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    return (
        "a number for each column in the order of `model.json` (of a date six, see `date_parts` in `reader.py`): a "
        "category as its place among `levels`, from 0 on, their number where it is none of them, one more where it is "
        "missing; a truth as 1, 0, or 2 where missing; NaN where a number is missing. Encoding is in the file."
    )


def _answers(facts: Mapping[str, Any]) -> str:
    if facts["kind"] == "real":
        return "The output is the number that is predicted."
    return (
        "The first output holds calibrated probabilities in the order of `class_names` in `model.json`; the answer is\n"
        "the largest, or what `decision` there makes of them (`answer` in `reader.py`)."
    )
