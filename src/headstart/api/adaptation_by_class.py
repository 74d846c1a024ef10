"""What an adaptation gives and costs each class, on labelled examples that chose nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from headstart.core.learning import Ints
from headstart.evaluation.confusion import class_counts
from headstart.evaluation.intervals import interval
from headstart.evaluation.proportions import paired_difference
from headstart.tasks.class_metrics import per_class

FEWEST = 5  # labelled examples of a class without which it is not called the worst


def by_class(truth: Ints, before: Ints, after: Ints | None, names: list[str]) -> dict[str, Any]:
    """Recall and precision of each class, and the paired change of its recall.

    Args:
        truth: ``(n,)`` classes, n >= 1.
        before: ``(n,)`` of the model as it is; -1 is an answer that is no class.
        after: ``(n,)`` of what ships; None: nothing does.
        names: Of the K classes.

    Returns:
        JSON: ``classes``, with ``before``, ``after`` (None) and ``change`` (None); ``worst``, the class of which the
        smallest share is found by what ships, else by the model as it is; ``lost``, the class whose recall fell most,
        None where none did.
    """
    parts = [None if each is None else _figures(truth, each, names) for each in (before, after)]
    rows = []
    for k, name in enumerate(names):
        then = None if parts[1] is None else parts[1][name]
        change = None if after is None else _change(truth == k, before == k, after == k)
        first = parts[0][name] if parts[0] is not None else {}
        rows.append({"class": name, "n": first.get("n", 0), "before": first, "after": then, "change": change})
    counted = [row for row in rows if row["n"] >= FEWEST] or [row for row in rows if row["n"]]
    worst = min(counted, key=lambda row: _recall(row["after"] or row["before"]))
    fell = [row for row in counted if row["change"] is not None and row["change"]["value"] < 0]
    lost = min(fell, key=lambda row: row["change"]["value"], default=None)
    return {
        "classes": rows,
        "worst": worst["class"],
        "lost": None if lost is None else lost["class"],
    }


def _figures(truth: Ints, said: Ints, names: list[str]) -> dict[str, Any]:
    """An answer that is none of the classes counts as a class more, which nothing is."""
    filed = np.where(said < 0, len(names), said)
    counts = class_counts(truth, filed, len(names) + 1)
    found = per_class(counts, [*names, ""])
    return {name: found[name] for name in names}


def _recall(figures: dict[str, Any]) -> float:
    return float(figures["recall"]["value"])


def _change(is_class: Any, before: Any, after: Any) -> dict[str, Any] | None:
    """Of the recall of one class, on the same examples."""
    n = int(is_class.sum())
    if not n:
        return None
    only_after, only_before = int((is_class & after & ~before).sum()), int((is_class & before & ~after).sum())
    low, high = paired_difference(only_after, only_before, n)
    return interval((only_after - only_before) / n, (float(low), float(high)))
