"""What more labels would give: the chosen candidate learned from fewer examples, on the training folds alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.core.learning import Floats, Ints, Targets, Task
from headstart.core.seeding import generator
from headstart.evaluation.learning_curve import learning_curve
from headstart.evidence.contender import Contender
from headstart.methods.learning_curve import CurvePoint
from headstart.methods.learning_curve import learning_curve as probes_on_fewer

HALVINGS = 4  # sizes go from all rows down to a sixteenth
SMALLEST = 10  # rows below which a point says nothing


def curve_section(
    chosen: Contender,
    targets: Targets,
    folds: Ints,
    features: Any,
    seed: int,
    weights: Floats | None,
    points: Iterable[CurvePoint] | None = None,
) -> dict[str, Any]:
    """The ``learning_curve`` section; its points come from held-out folds, never from the test split.

    Args:
        chosen: A linear probe, whose task gives the metric; another method has no curve unless ``points`` are given,
            and the note says so.
        targets: Of the N training rows.
        folds: ``(N,)`` fold numbers.
        features: ``(N, D)``, what ``chosen`` learned from; an array or a ``scipy.sparse.csr_array``.
        seed: Draws the subsets.
        weights: ``(N,)`` or None.
        points: Out-of-fold outputs of the chosen method by training size, where it is no linear probe.

    Returns:
        ``{"metric", "lower_is_better", "points", "forecast", "note"}``, see ``evaluation.learning_curve``.
    """
    task, penalty = chosen.task, chosen.report.get("penalty")
    numbers = np.unique(folds[folds >= 0])
    is_error = task.kind == "real"
    if len(numbers) < 2 or (penalty is None and points is None):
        reason = "no example could be held out" if len(numbers) < 2 else f"{chosen.name} has no learning curve"
        return {"metric": task.primary, "lower_is_better": is_error, "points": [], "forecast": None, "note": reason}
    if points is None:
        *fewer, largest = sizes_for(features.shape[0], len(numbers))
        rng = generator(seed, "curve")
        points = [
            *probes_on_fewer(
                features, targets, folds, fewer, float(penalty or 0.0), rng, weights, of_folds=chosen.solution.of_folds
            ),
            CurvePoint(largest, chosen.solution.out_of_fold),  # the folds' own models: half of the work is done
        ]
    measured = [(p.n, [_on_fold(task, targets, p.out_of_fold, folds == number) for number in numbers]) for p in points]
    return learning_curve(
        task.primary, [n for n, _ in measured], [values for _, values in measured], lower_is_better=is_error
    )


def sizes_for(n: int, folds: int) -> list[int]:
    """Training sizes for a curve on ``folds`` folds of ``n`` rows, ascending, each half of the next.

    >>> sizes_for(500, 5)
    [25, 50, 100, 200, 400]
    """
    largest = n - n // folds
    sizes = [largest >> halving for halving in range(HALVINGS, -1, -1)]
    return [size for size in sizes if size >= SMALLEST] or [largest]


def _on_fold(task: Task, targets: Targets, outputs: Floats, rows: Any) -> float:
    return task.score(targets.take(rows), outputs[rows])
