"""Every other contender against the chosen one, on the same test rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from headstart.core.learning import Targets, Task
from headstart.evidence.contender import Contender


def compare_all(
    task: Task, targets: Targets, chosen: Contender, others: Sequence[Contender], seed: int
) -> list[dict[str, Any]]:
    """The ``comparisons`` section: differences are chosen minus other, positive is better.

    Args:
        task: Gives the metric and the paired interval.
        targets: Of the whole test split.
        chosen: Covers every test row.
        others: Each covers all test rows or a subset; both sides are compared on that subset.
        seed: For bootstrap intervals.
    """
    return [_compare(task, targets, chosen, other, seed) for other in others]


def _compare(task: Task, targets: Targets, chosen: Contender, other: Contender, seed: int) -> dict[str, Any]:
    rows = other.test_rows
    numbers = task.compare(targets.take(rows), chosen.test_logits[rows], other.test_logits, seed)
    return {
        "name": other.name,
        "kind": other.kind,
        "transfer": other.is_transfer,
        "what": other.what,
        "n_train": other.n_train,
        "n_test": len(rows),
        **numbers,
    }
