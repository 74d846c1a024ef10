"""How much corruptions cost: the primary metric at each strength, and from where on it is five points worse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headstart.core.learning import Floats, Targets, Task

SCHEMA = 1
LOST = 0.05  # points of a share that are noticed in use; of errors, the same part of the error


@dataclass(frozen=True)
class Tried:
    """One corruption of one strength.

    Attributes:
        name: Of the corruption, or of a column that is missing.
        part: Of the examples, as the user calls it.
        strength: In ``unit``; None for a column.
        outputs: ``(n, W)``.
        rows: ``(n,)`` positions of the examples that could be used.
    """

    name: str
    part: str
    unit: str
    strength: float | None
    outputs: Floats
    rows: Sequence[int]


def summary(task: Task, targets: Targets, clean: Floats, tried: Sequence[Tried], seed: int = 0) -> dict[str, Any]:
    """The document, as JSON.

    Args:
        task: Settled.
        targets: Of N examples.
        clean: ``(N, W)`` without any corruption.
        tried: In order of names and strengths.
        seed: Of bootstrap intervals.

    Returns:
        ``primary``, ``n``, ``clean`` (the metric), ``corruptions``: ``name``, ``part``, ``unit``, ``points``
        (``strength``, the metric, ``change`` against the clean outputs on the same examples, turned so that negative is
        worse), ``breaks`` and ``breaks_at`` (whether one costs five points or more, of errors five in a hundred, and
        the first strength that does), the most harmful first; ``sentence``.
    """
    metric = task.primary
    groups: dict[tuple[str, str], list[Tried]] = {}
    for each in tried:
        groups.setdefault((each.name, each.part), []).append(each)
    found = [_one(task, targets, clean, part, seed) for part in groups.values()]
    found.sort(key=lambda each: min((point["change"]["value"] or 0.0) for point in each["points"]))
    document = {
        "schema": SCHEMA,
        "primary": metric,
        "n": len(targets),
        "clean": task.metrics(targets, clean, seed)[metric],
        "corruptions": found,
    }
    return {**document, "sentence": _sentence(document)}


def _one(task: Task, targets: Targets, clean: Floats, tried: Sequence[Tried], seed: int) -> dict[str, Any]:
    points = []
    for each in tried:
        there, before = targets.take(_array(each.rows)), clean[_array(each.rows)]
        compared = task.compare(there, each.outputs, before, seed, task)
        value = task.metrics(there, each.outputs, seed)[task.primary]
        points.append({"strength": each.strength, task.primary: value, "change": compared["difference"]})
    allowed = LOST if task.kind != "real" else LOST * float(task.score(targets, clean))
    breaking = [point for point in points if (point["change"]["value"] or 0.0) <= -allowed]
    first = tried[0]
    return {
        "name": first.name,
        "part": first.part,
        "unit": first.unit,
        "points": points,
        "breaks_at": breaking[0]["strength"] if breaking else None,
        "breaks": bool(breaking),
    }


def _array(rows: Sequence[int]) -> Any:
    import numpy as np

    return np.asarray(rows, dtype=np.int64)


def _sentence(document: Mapping[str, Any]) -> str:
    breaking = [each for each in document["corruptions"] if each["breaks"]]
    what = f"{document['primary'].replace('_', ' ')} on {document['n']} test examples"
    if not breaking:
        return f"No corruption that was tried costs {what} five points or more."
    named = [
        f"{each['name']} from {each['breaks_at']:g} {each['unit']}" if each["breaks_at"] is not None else each["name"]
        for each in breaking[:5]
    ]
    more = f" and {len(breaking) - len(named)} more" if len(breaking) > len(named) else ""
    return f"These cost {what} five points or more: {', '.join(named)}{more}."
