"""The gate's document: the file's answers beside the run's, figure by figure."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from headstart.exporting.beside_onnx import onnx_milliseconds
from headstart.exporting.comparing import Apart, Limits, apart, require_as_reported, require_near
from headstart.exporting.exportable import Exportable
from headstart.exporting.formats.contract import Format
from headstart.exporting.gate import BATCH, Example, ask, values_of
from headstart.exporting.integers import int8_limits, require_alike
from headstart.exporting.own_tests import own_tests
from headstart.exporting.reference import Reference, reference
from headstart.runtimes.machine import cpu_model

SCHEMA = 2
THREADS = 1


def judge(
    model: Exportable, folder: Path, name: str, written: Format, examples: Sequence[Example], limits: Limits
) -> dict[str, Any]:
    """``gate.json`` of a folder with model and reader.

    Args:
        model: What was exported.
        folder: What is judged.
        name: Of the format.
        written: The format.
        examples: Raw inputs, those of the run first.
        limits: What may differ.

    Raises:
        GateError: more differs.
        BackendError: the reader does not run.
    """
    run = reference(model, examples, THREADS)
    kept = [examples[row] for row in run.rows]
    alone, milliseconds = ask(folder, kept, written.needs, 1, THREADS)
    together, _ = ask(folder, kept, written.needs, BATCH, THREADS)
    names = model.shipped.class_names
    one, several = (_apart(answers, run, names) for answers in (alone, together))
    found = {f"on {len(kept)} inputs one by one": one, f"on the same up to {BATCH} at a time": several}
    is_int8 = any(each.is_quantized for each in model.networks)
    if not is_int8:
        require_near(found, limits, name)
    speed = _milliseconds(milliseconds)
    if written.fixed:
        speed["onnx"] = onnx_milliseconds(model, kept, THREADS)
    tests = own_tests(model, kept, alone, run)
    if is_int8:
        require_alike(found, tests, name)
    elif tests and "as_written" in tests:
        require_as_reported(tests, limits, name)
    return {
        "schema": SCHEMA,
        "format": name,
        "held_against": "the run's bundle in " + ("8-bit integers" if is_int8 else "float32"),
        "limits": int8_limits() if is_int8 else limits.to_dict(),
        "made_inputs": sum(each.truth is None for each in kept),
        "alone": one.to_dict(),
        "batch": {"size": BATCH, **several.to_dict()},
        "tests": tests,
        "milliseconds": speed,
        "bytes": _bytes(folder, written),
    }


def _bytes(folder: Path, written: Format) -> int:
    """Of the file, and of the one beside it where a format keeps weights apart."""
    found = folder.glob(f"{Path(written.file).stem}.*")
    return sum(path.stat().st_size for path in found if path.suffix != ".json")


def _apart(rows: Sequence[dict[str, Any]], run: Reference, names: Sequence[str]) -> Apart:
    return apart(values_of(rows, names), run.values, [row.get("prediction") for row in rows], run.said)


def _milliseconds(each: Sequence[float]) -> dict[str, Any]:
    """Of one input, reading and decoding included, the first left out: it also warms up."""
    usual = np.array(each[1:] or each)
    return {
        "median": round(float(np.median(usual)), 2),
        "p95": round(float(np.quantile(usual, 0.95)), 2),
        "threads": THREADS,
        "machine": f"{cpu_model()}, {platform.system()}",
    }
