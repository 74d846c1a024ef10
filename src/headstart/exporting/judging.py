"""The gate's document: the file's answers beside the run's, figure by figure."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from headstart.bundle import Bundle
from headstart.exporting.comparing import Apart, Limits, apart, require_near
from headstart.exporting.formats.contract import Format
from headstart.exporting.gate import BATCH, Example, ask, values_of
from headstart.exporting.reference import Reference, reference
from headstart.runtimes.machine import cpu_model

SCHEMA = 1
THREADS = 1


def judge(
    shipped: Bundle,
    folder: Path,
    name: str,
    written: Format,
    examples: Sequence[Example],
    limits: Limits,
) -> dict[str, Any]:
    """``gate.json`` of a folder with model and reader.

    Args:
        shipped: The bundle.
        folder: What is judged.
        name: Of the format.
        written: The format.
        examples: Raw inputs, those of the run first.
        limits: What may differ.

    Raises:
        GateError: more differs.
        BackendError: the reader does not run.
    """
    run = reference(shipped, [each.content for each in examples], THREADS)
    kept = [examples[row] for row in run.rows]
    contents = [each.content for each in kept]
    alone, milliseconds = ask(folder, contents, written.needs, 1, THREADS)
    together, _ = ask(folder, contents, written.needs, BATCH, THREADS)
    names = shipped.class_names
    compared = {
        f"on {len(kept)} inputs one by one": _apart(alone, run, names),
        f"on the same up to {BATCH} at a time": _apart(together, run, names),
    }
    require_near(compared, limits, name)
    one, several = compared.values()
    return {
        "schema": SCHEMA,
        "format": name,
        "held_against": "the run's bundle in float32",
        "limits": {"largest_difference": limits.probability, "changed_decisions_fraction": limits.changed},
        "made_inputs": sum(each.truth is None for each in kept),
        "alone": one.to_dict(),
        "batch": {"size": BATCH, **several.to_dict()},
        "tests": _tests(kept, alone, run, names),
        "milliseconds": _milliseconds(milliseconds),
        "bytes": _bytes(folder, written),
    }


def _bytes(folder: Path, written: Format) -> int:
    """Of the file, and of the one beside it where a format keeps weights apart."""
    found = folder.glob(f"{Path(written.file).stem}.*")
    return sum(path.stat().st_size for path in found if path.suffix != ".json")


def _apart(rows: Sequence[dict[str, Any]], run: Reference, names: Sequence[str]) -> Apart:
    return apart(values_of(rows, names), run.values, [row.get("prediction") for row in rows], run.said)


def _tests(
    kept: Sequence[Example], rows: Sequence[dict[str, Any]], run: Reference, names: Sequence[str]
) -> dict[str, Any] | None:
    """Of the run's own test examples: how often the file is right, the run in float32, and the run as written."""
    tests = [row for row, each in enumerate(kept) if each.truth is not None]
    if not tests:
        return None
    found: dict[str, Any] = {"n": len(tests)}
    if names:
        right = {"file": [rows[row].get("prediction") for row in tests], "run": [run.said[row] for row in tests]}
        truth = [kept[row].truth for row in tests]
        found["accuracy"] = {
            who: float(np.mean([one == other for one, other in zip(said, truth, strict=True)]))
            for who, said in right.items()
        }
    having = [row for row in tests if kept[row].written is not None]
    if having and names:
        stated = np.array([[kept[row].written[f"probability_{name}"] for name in names] for row in having], np.float64)  # type: ignore[index]  # those that have it
        said = [str(kept[row].written["prediction"]) for row in having]  # type: ignore[index]
        theirs = apart(
            values_of([rows[row] for row in having], names),
            stated,
            [rows[row].get("prediction") for row in having],
            said,
        )
        truth = [kept[row].truth for row in having]
        found["as_written"] = {
            **theirs.to_dict(),
            "accuracy": float(np.mean([one == other for one, other in zip(said, truth, strict=True)])),
        }
    return found


def _milliseconds(each: Sequence[float]) -> dict[str, Any]:
    """Of one input, reading and decoding included, the first left out: it also warms up."""
    usual = np.array(each[1:] or each)
    return {
        "median": round(float(np.median(usual)), 2),
        "p95": round(float(np.quantile(usual, 0.95)), 2),
        "threads": THREADS,
        "machine": f"{cpu_model()}, {platform.system()}",
    }
