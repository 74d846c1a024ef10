r"""Out-of-fold outputs as if each row alone had been left out.

Folds that spread the classes evenly keep every class's share in what a model learns from, whichever fold is held out.
So a row is judged by a model that knows how often its class was drawn, the row included: where a class happens to be
drawn often, its rows get more of the probability than new rows of the population will. Without the row its class would
have had :math:`n_k - 1` rows of n - 1, and a model that learns shares would give it a logit lower by :math:`\log(n_k /
(n_k - 1))`.

It matters where classes have few rows and features tell little. On 100 rows of 10 classes told apart poorly, sets that
were to hold 90 % of the classes of new rows held 85 % without this and 93 % with it (benchmarks/promised_coverage.py).
Outputs on a validation set, which no fold took part in, need none of it. What stays is that a model refitted on all
rows is a little surer than one of four fifths of them: about 0.01 of coverage where features tell little.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError
from headstart.core.learning import Targets

Floats = NDArray[np.float64]
FEWEST = 0.5  # rows that a class of one is said to keep without it: none would be a logit of minus infinity


def as_left_out(targets: Targets, outputs: NDArray[Any]) -> Floats:
    """Logits with each row's own class (of label sets, each label's own side) as rare as without the row.

    Args:
        targets: Of all N rows that were learned from.
        outputs: ``(N, W)`` out-of-fold logits; NaN where a row was never held out. Not changed.

    Returns:
        ``(N, W)`` float64; of numbers the outputs as they are.

    >>> as_left_out(Targets(np.array([0, 0, 1, 1]), "class", 2), np.zeros((4, 2))).round(2).tolist()
    [[-0.69, 0.0], [-0.69, 0.0], [0.0, -0.69], [0.0, -0.69]]
    """
    z = np.array(outputs, dtype=np.float64)
    if z.shape != (len(targets), targets.width):
        raise ShapeError(
            f"outputs must be ({len(targets)}, {targets.width}), one row for each target; got {z.shape}. "
            "Take the same rows of both."
        )
    if targets.kind == "real":
        return z
    if targets.kind == "multilabel":
        has = np.asarray(targets.values > 0)
        with_label, without = _drop(has.sum(axis=0)), _drop((~has).sum(axis=0))
        return np.asarray(z - np.where(has, with_label, -without), dtype=np.float64)
    y = np.asarray(targets.values)
    z[np.arange(len(y)), y] -= _drop(np.bincount(y, minlength=targets.width))[y]
    return z


def _drop(counts: NDArray[Any]) -> Floats:
    """By how much the logarithm of a count falls when one is taken away."""
    return np.asarray(np.log(np.maximum(counts, 1) / np.maximum(counts - 1, FEWEST)), dtype=np.float64)
