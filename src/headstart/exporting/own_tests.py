"""The run's own test examples: how often the file is right on them, beside the run as it was reported."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from headstart.exporting.comparing import apart
from headstart.exporting.exportable import Exportable
from headstart.exporting.gate import Example, values_of
from headstart.exporting.reference import Reference


def own_tests(
    model: Exportable, examples: Sequence[Example], rows: Sequence[Mapping[str, Any]], run: Reference
) -> dict[str, Any] | None:
    """JSON: figures of the file, of the bundle in float32 and of the run as reported; None without such examples.

    ``as_written`` compares the file with predictions/test.parquet; ``changed_in_the_bundle_too`` counts the decisions
    that the bundle in float32 changes in the same way: they are due to the precision that the run computed with.

    Args:
        model: What was exported.
        examples: All that were asked about.
        rows: What the reader says of them.
        run: What the bundle says of them.
    """
    tests = [place for place, each in enumerate(examples) if each.truth is not None]
    if not tests:
        return None
    names = model.shipped.class_names
    truth = [_in_words(str(examples[place].truth), model.kind) for place in tests]
    said = {"file": [rows[place].get("prediction") for place in tests], "bundle": [run.said[place] for place in tests]}
    written = [each for place in tests if (each := examples[place].written) is not None]
    if len(written) == len(tests):
        said["run"] = [each["prediction"] for each in written]
    figure = "rmse" if model.kind == "real" else "accuracy"
    found = {"n": len(tests), figure: {who: _figure(each, truth, model.kind) for who, each in said.items()}}
    if "run" not in said:
        return found
    columns = [f"probability_{name}" for name in names] or ["prediction"]
    values = np.array([[each[column] for column in columns] for each in written], np.float64)
    theirs = apart(values_of([rows[place] for place in tests], names), values, said["file"], said["run"])
    rounded = sum(
        one != stated and other == one
        for one, other, stated in zip(said["file"], said["bundle"], said["run"], strict=True)
    )
    found["as_written"] = {
        **theirs.to_dict(),
        "changed_in_the_bundle_too": 0 if model.kind == "real" else rounded,
        "precision": _precision(model),
    }
    return found


def _figure(said: Sequence[Any], truth: Sequence[str], kind: str) -> float:
    """Share of right answers, of numbers the root of the mean squared error."""
    if kind == "real":
        errors = np.array([np.nan if each is None else each for each in said], np.float64) - np.array(truth, np.float64)
        return float(np.sqrt(np.mean(errors**2)))
    return float(np.mean([one == other for one, other in zip(said, truth, strict=True)]))


def _in_words(truth: str, kind: str) -> str:
    """A set of labels as predictions write it."""
    return "|".join(json.loads(truth)) if kind == "multilabel" and truth.startswith("[") else truth


def _precision(model: Exportable) -> str:
    """What the run's own predictions were computed with."""
    return (
        ", ".join(dict.fromkeys(f"{each.runtime.name}, {each.runtime.precision}" for each in model.networks))
        or "numpy, float64"
    )
