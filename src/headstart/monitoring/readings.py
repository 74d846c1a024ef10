"""What is measured of examples: numbers by name, and which of several classes they fall in by name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Floats, Task
from headstart.core.table import Table
from headstart.evaluation.sigmoid import sigmoid
from headstart.evaluation.softmax import softmax
from headstart.monitoring.families import Family

DIRECTIONS = 24  # that features are looked at in
MOST_BY_CLASS = 16  # classes whose probabilities are looked at one by one
MOST_CLASSES = 1000  # that are counted
PREDICTED, SURE = "predicted class", "probability"
ERROR = "absolute error"  # of numbers whose truth is known
MISSING, OTHER = "(missing)", "(other)"


@dataclass(frozen=True)
class Readings:
    """Of n examples.

    Attributes:
        numbers: ``(n,)`` by family and name; NaN where it was not looked at.
        classes: ``(n,)`` objects by family and name: in words; None where it was not looked at.
        along: ``(n, DIRECTIONS)`` features along fixed directions, or None.
        sure: ``(n,)`` probability of what is predicted, or None.
        predicted: ``(n,)`` class numbers, or None.
    """

    numbers: Mapping[tuple[Family, str], Floats]
    classes: Mapping[tuple[Family, str], NDArray[Any]]
    along: Floats | None
    sure: Floats | None
    predicted: NDArray[np.int64] | None


def readings_of(
    task: Task,
    outputs: Floats | None,
    along: Floats | None = None,
    domain_p: Floats | None = None,
    facts: Mapping[str, Floats] | None = None,
    table: Table | None = None,
) -> Readings:
    """Everything that can be measured.

    Args:
        task: Settled.
        outputs: ``(n, W)``, calibrated; None where it is not known.
        along: Of :func:`along_directions`.
        domain_p: ``(n,)`` shares of held-out examples as strange.
        facts: ``(n,)`` by name, of the inputs' quality.
        table: Plain columns.
    """
    numbers: dict[tuple[Family, str], Floats] = {}
    classes: dict[tuple[Family, str], NDArray[Any]] = {}
    sure = predicted = None
    if outputs is not None:
        sure, predicted = _of_outputs(task, outputs, numbers, classes)
    if along is not None:
        numbers |= {("features", f"direction {k + 1}"): along[:, k] for k in range(along.shape[1])}
    if domain_p is not None:
        numbers["domain", "as strange"] = np.asarray(domain_p, np.float64)
    for name, values in (facts or {}).items():
        numbers["quality", name] = np.asarray(values, np.float64)
    for name, column in (table.columns if table is not None else {}).items():
        if column.kind == "category":
            words = [MISSING if value is None else str(value) for value in column.values]
            classes["columns", name] = np.array(words, dtype=object)
        else:
            values = np.asarray(column.values, np.float64)
            numbers["columns", name] = values
            there = np.where(np.isnan(values), MISSING, "given")
            classes["columns", f"{name} missing"] = there.astype(object)
    return Readings(numbers, classes, along, sure, predicted)


def _of_outputs(
    task: Task,
    outputs: Floats,
    numbers: dict[tuple[Family, str], Floats],
    classes: dict[tuple[Family, str], NDArray[Any]],
) -> tuple[Floats | None, NDArray[np.int64] | None]:
    said = task.predictions(outputs)
    if task.kind == "real":
        numbers["predictions", "prediction"] = np.asarray(said["prediction"], np.float64)
        return None, None
    names = task.class_names
    if task.kind == "multilabel":
        probabilities = sigmoid(outputs)
        given = [set(labels.split("|")) for labels in said["prediction"]]
        numbers["predictions", "labels an example"] = np.array([len(each - {""}) for each in given], np.float64)
        for name in names[:MOST_CLASSES]:
            has = np.array(["given" if name in each else "not" for each in given], dtype=object)
            classes["classes", f"label {name}"] = has
        sure = predicted = None
    else:
        probabilities = softmax(outputs)
        numbers["predictions", SURE] = sure = np.asarray(said["probability"], np.float64)
        index = {name: number for number, name in enumerate(names)}
        predicted = np.array([index[name] for name in said["prediction"]], np.int64)
        if len(names) <= MOST_CLASSES:
            classes["classes", PREDICTED] = np.array(said["prediction"], dtype=object)
    if len(names) <= MOST_BY_CLASS:
        numbers |= {("predictions", f"probability of {name}"): probabilities[:, k] for k, name in enumerate(names)}
    return sure, predicted


def along_directions(features: NDArray[Any], middle: NDArray[Any], per_spread: NDArray[Any]) -> Floats:
    """``(n, DIRECTIONS)`` features from their middle, in spreads, along directions that no example decided.

    Directions of the largest variance would have been chosen on the reference's own rows, which lie along them more
    than new rows do: an alarm without any change.
    """
    signs = directions(len(middle))
    placed = np.clip((np.asarray(features, np.float64) - middle) * per_spread, -1e6, 1e6)
    return np.asarray(placed @ signs, dtype=np.float64)


@lru_cache(maxsize=4)
def directions(width: int) -> Floats:
    """``(width, DIRECTIONS)`` signs over the root of ``width``, the same everywhere and always."""
    bits = hashlib.shake_256(b"headstart directions").digest((width * DIRECTIONS + 7) // 8)
    signs = np.unpackbits(np.frombuffer(bits, np.uint8))[: width * DIRECTIONS].astype(np.float64) * 2 - 1
    return np.asarray(signs.reshape(width, DIRECTIONS) / np.sqrt(width))
