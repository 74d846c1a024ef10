"""Whether a compression costs one group more than the others: paired changes, and a test that knows how many are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Floats, Targets, Task
from headstart.evaluation.fairness.groups import Grouping, groupings
from headstart.evaluation.fairness.permuted import permuted_differences_p
from headstart.evaluation.independent import difference_limits
from headstart.evaluation.intervals import LEVEL, interval
from headstart.evaluation.multiple_testing import holm

FEWEST = 5  # examples of a group without which it is not called the worst
ERROR = 1 - LEVEL


def groups_of(
    tasks: tuple[Task, Task],
    targets: Targets,
    outputs: tuple[Floats, Floats],
    slices: Mapping[str, NDArray[Any]],
    seed: int,
) -> dict[str, Any]:
    """Changes by group; arguments as of :func:`headstart.api.compression_costs.costs_of`.

    Returns:
        JSON: ``columns``, by column and group ``n``, the paired ``difference`` of the primary metric, and ``beyond``,
        that minus the difference of all other examples; ``worst`` (column, group), ``clear``: how many groups lost more
        than chance one by one, ``of`` how many; ``unequal``: the groups that pay more than the others beyond chance
        among all groups (column, group, ``p_corrected`` of a permutation test on the rows' shares, after Holm).
    """
    columns: dict[str, dict[str, Any]] = {}
    judged, p_values = [], dict[tuple[str, str], float]()
    lost = _lost(tasks, targets, outputs)

    def change(rows: NDArray[np.int64]) -> dict[str, Any]:
        found = tasks[1].compare(targets.take(rows), outputs[1][rows], outputs[0][rows], seed, tasks[0])
        difference: dict[str, Any] = found["difference"]
        return difference

    for grouping in groupings(slices, least_together=None):
        column = columns[grouping.name] = {}
        for number, name in enumerate(grouping.group_names):
            mine = grouping.code == number
            ours, others = change(np.flatnonzero(mine)), change(np.flatnonzero(~mine))
            column[name] = {"n": int(mine.sum()), "difference": ours, "beyond": _beyond(ours, others)}
            if mine.sum() >= FEWEST and ours.get("value") is not None:
                judged.append((ours, grouping.name, name))
        p_values |= _p_values(grouping, lost, seed)
    fell = [each for each in judged if each[0]["value"] < 0]
    worst = min(fell, key=lambda each: each[0]["value"], default=None)
    return {
        "columns": columns,
        "worst": None if worst is None else {"column": worst[1], "group": worst[2]},
        "clear": sum(each[0].get("high") is not None and each[0]["high"] < 0 for each in fell),
        "of": len(judged),
        "unequal": _unequal(columns, p_values),
    }


def unequal_told(groups: Mapping[str, Any], task: Task) -> list[str]:
    """A sentence for each group that pays more than the others, from what :func:`groups_of` found."""
    said = []
    for each in groups.get("unequal", []):
        found = groups["columns"][each["column"]][each["group"]]
        size, span = task.difference_text(found["beyond"])
        said.append(
            f"The group {each['group']!r} of {each['column']!r} pays more than the other examples, beyond what chance "
            f"gives among all groups: {size} more ({span}; n = {found['n']})."
        )
    return said


def _lost(tasks: tuple[Task, Task], targets: Targets, outputs: tuple[Floats, Floats]) -> NDArray[np.float64]:
    """``(t,)``: what each row contributes to the loss of the primary metric; of numbers, to the squared error."""
    before, after = (task.scores(targets, each) for task, each in zip(tasks, outputs, strict=True))
    return np.asarray(after - before if targets.kind == "real" else before - after, np.float64)


def _beyond(ours: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    """The change of a group minus that of the others, who are other examples."""
    if ours.get("value") is None or others.get("value") is None:
        return interval(None, None)
    if any(each.get(end) is None for each in (ours, others) for end in ("low", "high")):
        return interval(ours["value"] - others["value"], None)
    mine, theirs = ((np.asarray(each["low"]), np.asarray(each["high"])) for each in (ours, others))
    low, high = difference_limits(ours["value"], mine, others["value"], theirs)
    return interval(ours["value"] - others["value"], (float(low), float(high)))


def _p_values(grouping: Grouping, lost: NDArray[np.float64], seed: int) -> dict[tuple[str, str], float]:
    """Of "this group loses what the others lose", by column and group, of groups that are judged."""
    found = permuted_differences_p(lost, grouping.code, seed, "compression", grouping.name)
    large = {code for code in found if code >= 0 and (grouping.code == code).sum() >= FEWEST}
    return {(grouping.name, grouping.group_names[code]): found[code] for code in sorted(large)}


def _unequal(columns: Mapping[str, Any], p_values: Mapping[tuple[str, str], float]) -> list[dict[str, Any]]:
    corrected = holm(list(p_values.values())) if p_values else np.zeros(0)
    return [
        {"column": column, "group": group, "p_corrected": float(p)}
        for (column, group), p in zip(p_values, corrected, strict=True)
        if p <= ERROR and (columns[column][group]["beyond"]["value"] or 0.0) < 0
    ]
