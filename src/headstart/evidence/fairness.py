"""The ``fairness`` section of evidence.json: for whom the model works, and for whom less."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Floats, Targets, Task
from headstart.evaluation.fairness.judged import Judged, judge_classes, judge_labels, judge_numbers
from headstart.evaluation.fairness.report import report
from headstart.evaluation.softmax import softmax


def fairness_section(
    task: Task,
    targets: Targets,
    outputs: Floats,
    columns: Mapping[str, NDArray[Any]],
    seed: int,
    inputs: Collection[str] = (),
) -> dict[str, Any]:
    """Figures by group with intervals, and which differences can be shown.

    Args:
        task: Settled; its decisions are judged.
        targets: Of N test examples.
        outputs: ``(N, W)``.
        columns: By name, ``(N,)`` values; they never touched the split.
        seed: Of permutations.
        inputs: Names of the columns that the model is given: it is said which of ``columns`` are among them.

    Returns:
        What :func:`headstart.evaluation.fairness.report.report` gives, with ``positive``: the class that selection and
        true positive rates are about, or None.
    """
    positive = _positive(task, targets)
    name = "positive" if positive is None else task.class_names[positive]
    found = report(columns, _judged(task, targets, outputs, positive), positive=name, seed=seed)
    notes = [*found["notes"], *(_seen(column) for column in columns if column in inputs)]
    return {**found, "notes": notes, "positive": None if positive is None else name}


def _seen(column: str) -> str:
    """A model may not always be given what people are; and to hide it is not to be blind to it."""
    return (
        f"{column} is among the columns that the model is given. Where it must not decide by it, --drop {column} "
        "leaves it out and still reports by it; other columns may tell it all the same."
    )


def _positive(task: Task, targets: Targets) -> int | None:
    """The class that a decision was asked about, else the second of two."""
    if targets.kind not in ("class", "ordinal"):
        return None
    rule = task.to_dict().get("rule") or {}
    if rule.get("positive") is not None:
        return int(rule["positive"])
    return 1 if targets.width == 2 else None


def _judged(task: Task, targets: Targets, outputs: Floats, positive: int | None) -> Judged:
    said = task.predictions(outputs)["prediction"]
    if targets.kind == "real":
        return judge_numbers(targets.values, np.asarray(said, dtype=np.float64))
    if targets.kind == "multilabel":
        return judge_labels(targets.values > 0, _flags(said, task.class_names))
    place = {name: number for number, name in enumerate(task.class_names)}
    chosen = np.array([place[name] for name in said], dtype=np.int64)
    return judge_classes(targets.values, chosen, targets.width, softmax(outputs), positive)


def _flags(said: Sequence[str], names: Sequence[str]) -> NDArray[np.bool_]:
    """``(N, L)`` from sets of labels joined by "|"."""
    sets = [set(text.split("|")) for text in said]
    return np.array([[name in given for name in names] for given in sets], dtype=bool).reshape(len(said), len(names))
