"""How good for whom: the primary metric on each value of a named column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Floats, Targets, Task
from headstart.evaluation.fairness.groups import group_name


def by_slice(
    task: Task, targets: Targets, outputs: Floats, columns: Mapping[str, NDArray[Any]], seed: int
) -> dict[str, dict[str, Any]]:
    """The ``slices`` section: ``{column: {value: {"n": .., primary: {...}}}}``, values in order of their names.

    Args:
        task: Gives the metrics; settled for the model whose outputs these are.
        targets: Of M test rows.
        outputs: ``(M, W)``.
        columns: By name, ``(M,)`` values; they never touched the split.
        seed: For bootstrap intervals.
    """
    result: dict[str, dict[str, Any]] = {}
    for name, values in columns.items():
        words = np.array([group_name(value) for value in values])
        result[name] = {
            str(word): _one(task, targets, outputs, np.flatnonzero(words == word), seed) for word in sorted(set(words))
        }
    return result


def _one(task: Task, targets: Targets, outputs: Floats, rows: NDArray[np.int64], seed: int) -> dict[str, Any]:
    metrics = task.metrics(targets.take(rows), outputs[rows], seed)
    return {"n": len(rows), task.primary: metrics[task.primary]}
