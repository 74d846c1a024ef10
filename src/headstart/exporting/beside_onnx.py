"""How long the same model takes as ONNX, for the README of a format that one may choose instead."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from headstart.core import plugins
from headstart.core.errors import MissingExtraError
from headstart.core.files import dump_json
from headstart.exporting.exportable import Exportable
from headstart.exporting.facts import facts_of
from headstart.exporting.formats.contract import Format
from headstart.exporting.gate import Example, ask
from headstart.exporting.handover import write_readers


def onnx_milliseconds(model: Exportable, examples: Sequence[Example], threads: int) -> float | None:
    """Median of one input by its ``reader.py``, decoding included; None where onnxruntime is not installed."""
    plugin = plugins.load("exporting.formats", "onnx")
    onnx: Format = plugin.build(plugin.config())
    try:
        onnx.check(model)
    except MissingExtraError:
        return None
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        facts = facts_of(model, "onnx", onnx.file)
        facts |= onnx.write(model, facts, folder)
        (folder / "model.json").write_text(dump_json(facts), encoding="utf-8")
        write_readers(folder, model, onnx)
        _, milliseconds = ask(folder, examples, onnx.needs, 1, threads)
    return round(float(np.median(milliseconds[1:] or milliseconds)), 2)
