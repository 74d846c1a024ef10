"""Two runs on the same test examples: which one is better, by how much, where they differ, and for whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ConfigError
from headstart.evaluation.fairness.groups import groupings
from headstart.evaluation.mcnemar import mcnemar
from headstart.evidence.run_answers import RunAnswers

LISTED = 200  # examples that changed, of each sort
NAMED = 5  # classes in a message
SCHEMA = 1


def against(one: RunAnswers, other: RunAnswers, seed: int = 0) -> dict[str, Any]:
    """The comparison of ``one`` with ``other``, as JSON.

    Args:
        one: The run that is judged.
        other: The run that it is held against.
        seed: Of bootstrap intervals.

    Returns:
        ``sentence``; ``primary``; ``n``; by the primary metric's name its value in ``one`` and ``other``;
        ``difference`` (paired, turned so that positive means that ``one`` is better); of classes, grades and labels
        ``mcnemar`` (``only_one``, ``only_other``, exact two-sided ``p``) and ``changed``: ids that ``one`` gets right
        and ``other`` does not (``gained``), and the reverse (``lost``), the first 200 of each; ``groups`` by column:
        ``n`` and ``difference`` of each group that both runs were sliced by.

    Raises:
        ConfigError: they are of different tasks, classes, or test examples.
    """
    other = _aligned(one, other)
    compared = one.task.compare(one.targets, one.outputs, other.outputs, seed, other.task)
    difference, metric = compared["difference"], one.task.primary
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "one": one.name,
        "other": other.name,
        "primary": metric,
        "n": len(one.ids),
        metric: {
            "one": one.task.score(one.targets, one.outputs),
            "other": compared[metric]["value"],  # by the metric that decides for ``one``
        },
        "difference": difference,
    }
    if one.task.kind != "real":
        found |= _changed(one, other)
    found["groups"] = _groups(one, other, seed)
    found["sentence"] = _sentence(one, other, found)
    return found


def _aligned(one: RunAnswers, other: RunAnswers) -> RunAnswers:
    """``other`` in the order of ``one``, after the checks."""
    if one.task.name != other.task.name or one.task.class_names != other.task.class_names:
        raise ConfigError(
            f"two runs must have the same task and classes to be compared; {one.name} is {_what(one)}, {other.name} "
            f"{_what(other)}. Fit both on the same data."
        )
    place = {str(name): row for row, name in enumerate(other.ids)}
    shared = [place[str(name)] for name in one.ids if str(name) in place]
    if len(shared) != len(one.ids) or len(one.ids) != len(other.ids) or len(place) != len(other.ids):
        raise ConfigError(
            f"two runs must have the same test examples to be compared; {one.name} has {len(one.ids)}, {other.name} "
            f"{len(other.ids)}, and {len(shared)} are in both. Give both the same test split: the same --seed, a "
            "column called split, or --test."
        )
    found = other.take(np.array(shared, dtype=np.int64))
    differ = int((found.truth != one.truth).sum())
    if differ:
        raise ConfigError(
            f"two runs must have the same targets to be compared; {differ} of {len(one.ids)} test examples have "
            "others. Were labels corrected in between? Fit both on the same labels."
        )
    return found


def _what(run: RunAnswers) -> str:
    names = list(run.task.class_names[:NAMED])
    more = f" and {len(run.task.class_names) - NAMED} more" if len(run.task.class_names) > NAMED else ""
    return f"{run.task.name} of {names}{more}" if names else run.task.name


def _changed(one: RunAnswers, other: RunAnswers) -> dict[str, Any]:
    right, others = one.said == one.truth, other.said == one.truth
    gained, lost = right & ~others, others & ~right
    return {
        "mcnemar": mcnemar(int(gained.sum()), int(lost.sum())),
        "changed": {
            "gained": [str(name) for name in one.ids[gained][:LISTED]],
            "lost": [str(name) for name in one.ids[lost][:LISTED]],
            "otherwise": int((~right & ~others & (one.said != other.said)).sum()),
        },
    }


def _groups(one: RunAnswers, other: RunAnswers, seed: int) -> dict[str, Any]:
    columns = {name: values for name, values in one.slices.items() if name in other.slices}
    if not columns:
        return {}
    return {
        grouping.name: {
            group: _of_group(one, other, np.flatnonzero(grouping.code == number), seed)
            for number, group in enumerate(grouping.group_names)
        }
        for grouping in groupings(columns)
        if len(grouping.columns) == 1
    }


def _of_group(one: RunAnswers, other: RunAnswers, rows: NDArray[np.int64], seed: int) -> dict[str, Any]:
    part, rest = one.take(rows), other.take(rows)
    compared = one.task.compare(part.targets, part.outputs, rest.outputs, seed, other.task)
    return {"n": len(rows), "difference": compared["difference"]}


def _sentence(one: RunAnswers, other: RunAnswers, found: Mapping[str, Any]) -> str:
    difference = found["difference"]
    if difference["value"] is None:
        return f"The {found['n']} test examples cannot tell {one.name} from {other.name}."
    size, span = one.task.difference_text(difference)
    if difference["value"] == 0:
        text = f"{one.name} and {other.name} are equally good, {size} apart ({span}; n = {found['n']})."
    else:
        side = "better" if difference["value"] > 0 else "worse"
        text = f"{one.name} is {side} than {other.name} by {size} ({span}; n = {found['n']})."
    low, high = difference["low"], difference["high"]
    if low is None or (low <= 0 <= high):
        text += " Which of the two is better is unclear."
    if "mcnemar" in found:
        counts = found["mcnemar"]
        text += (
            f" It gets {counts['only_one']} right that the other gets wrong, and {counts['only_other']} wrong that the "
            f"other gets right (McNemar's exact test: p = {counts['p']:.3g})."
        )
    return text
