"""What giving rare classes more weight changes, on held-out folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.solving.solve import solve_one

if TYPE_CHECKING:
    from headstart.core.learning import Floats, Task
    from headstart.evidence.contender import Contender
    from headstart.solving.candidates import Candidate
    from headstart.solving.solve import Learning

SHOWN = ("balanced_accuracy", "macro_f1", "accuracy")


def balance_effect(
    learning: Learning, candidates: Sequence[Candidate], contenders: Sequence[Contender], asked: str
) -> dict[str, Any] | None:
    """The ``balance`` section; None where all rows weigh the same.

    The first solved candidate is solved once more without weights; both are judged on the rows that folds held out.
    """
    if learning.weights is None:
        return None
    by_name = {contender.name: contender for contender in contenders}
    solved = [each for each in candidates if hasattr(each.method, "fit") and each.name == each.method_name]
    first = next((each for each in solved if "penalty" in by_name[each.name].report), None)
    if first is None:
        return None
    without = solve_one(replace(learning, weights=None), first)
    weighted = by_name[first.name]
    return {
        "mode": "sampler" if asked == "sampler" else "loss",
        "candidate": first.name,
        "with": _figures(learning, weighted.task, weighted.solution.out_of_fold),
        "without": _figures(learning, without.task, without.solution.out_of_fold),
    }


def _figures(learning: Learning, task: Task, out_of_fold: Floats) -> dict[str, Any]:
    known = np.flatnonzero(np.isfinite(out_of_fold).all(axis=1))
    metrics = task.metrics(learning.targets.take(known), out_of_fold[known], learning.seed)
    return {name: metrics[name] for name in SHOWN if name in metrics}
