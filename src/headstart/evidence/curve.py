"""What more labels would give: the chosen candidate learned from fewer examples, on the training folds alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from headstart.core.learning import Floats, Ints, Targets, Task
from headstart.core.seeding import generator
from headstart.evaluation.learning_curve import learning_curve
from headstart.evidence.contender import Contender
from headstart.methods.learning_curve import learning_curve as probes_on_fewer

HALVINGS = 4  # sizes go from all rows down to a sixteenth
SMALLEST = 10  # rows below which a point says nothing


def curve_section(
    task: Task, chosen: Contender, targets: Targets, folds: Ints, features: Floats, seed: int, weights: Floats | None
) -> dict[str, Any]:
    """The ``learning_curve`` section; its points come from held-out folds, never from the test split.

    Args:
        task: Gives the metric.
        chosen: A linear probe; another method has no curve, and the note says so.
        targets: Of the N training rows.
        folds: ``(N,)`` fold numbers.
        features: ``(N, D)``, what ``chosen`` learned from.
        seed: Draws the subsets.
        weights: ``(N,)`` or None.
    """
    penalty = chosen.report.get("penalty")
    numbers = np.unique(folds[folds >= 0])
    if penalty is None or len(numbers) < 2:
        reason = "no example could be held out" if penalty is not None else f"{chosen.name} has no learning curve"
        return {"metric": task.primary, "points": [], "forecast": None, "note": reason}
    sizes, values = [], []
    points = probes_on_fewer(
        features, targets, folds, sizes_for(len(features), len(numbers)), penalty, generator(seed, "curve"), weights
    )
    for point in points:
        sizes.append(point.n)
        values.append([_on_fold(task, targets, point.out_of_fold, folds == number) for number in numbers])
    return learning_curve(task.primary, sizes, values)


def sizes_for(n: int, folds: int) -> list[int]:
    """Training sizes for a curve on ``folds`` folds of ``n`` rows, ascending, each half of the next.

    >>> sizes_for(500, 5)
    [25, 50, 100, 200, 400]
    """
    largest = n - n // folds
    sizes = [largest >> halving for halving in range(HALVINGS, -1, -1)]
    return [size for size in sizes if size >= SMALLEST] or [largest]


def _on_fold(task: Task, targets: Targets, logits: Floats, rows: Any) -> float:
    return float(task.scores(targets.take(rows), logits[rows]).mean())
