"""Every other contender against the chosen one, on the same test rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from headstart.core.learning import Targets
from headstart.evidence.contender import Contender


def compare_all(targets: Targets, chosen: Contender, others: Sequence[Contender], seed: int) -> list[dict[str, Any]]:
    """The ``comparisons`` section, one entry for each other contender.

    An entry holds ``name``, ``kind``, ``transfer`` (whether pretrained weights are in it), ``what``, ``n_train``,
    ``n_test``, the other's primary metric under its name, and ``difference``: chosen against other, turned so that
    positive is better for every metric.

    Args:
        targets: Of the whole test split.
        chosen: Covers every test row.
        others: Each covers all test rows or a subset; both sides are compared on that subset.
        seed: For bootstrap intervals.
    """
    return [_compare(targets, chosen, other, seed) for other in others]


def _compare(targets: Targets, chosen: Contender, other: Contender, seed: int) -> dict[str, Any]:
    rows = other.test_rows
    numbers = paired(targets, chosen, other, seed)
    return {
        "name": other.name,
        "kind": other.kind,
        "transfer": other.is_transfer,
        "what": other.what,
        "n_train": other.n_train,
        "n_test": len(rows),
        **numbers,
    }


def paired(targets: Targets, one: Contender, other: Contender, seed: int) -> dict[str, Any]:
    """``Task.compare`` of two contenders on the rows of ``other``, each with its own decisions.

    Args:
        targets: Of the whole test split.
        one: Covers every test row.
        other: Covers all test rows or a subset.
        seed: For bootstrap intervals.
    """
    rows = other.test_rows
    return one.task.compare(targets.take(rows), one.test_outputs[rows], other.test_outputs, seed, other.task)
