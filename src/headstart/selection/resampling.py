"""How sure an order is: the same rows drawn again for every candidate, whole groups at a time.

The bootstrap of Efron, Annals of Statistics 1979, doi:10.1214/aos/1176344552, with the percentile interval. Candidates
are scored on the same rows, so each draw is shared by all of them: what makes a row hard for everyone cancels. Rows of
one group (copies, one person) are drawn together. Scores of cross-validation share training rows, which the draws do
not see, and the best of many looks better than it is; both make intervals a little too narrow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headstart.core.errors import ShapeError
from headstart.core.learning import Floats, Ints

DRAWS = 2000
MOST_UNITS = 5000  # that are drawn: more groups are dealt at random into so many blocks, whose spread is the same
AT_ONCE = 200  # draws held at a time
TAIL = 0.025  # of a 95 % interval


@dataclass(frozen=True)
class Resampled:
    """Means of C candidates, or what these are worth, in each of B draws; higher is better.

    Attributes:
        means: ``(B, C)``.
    """

    means: Floats

    def interval(self, candidate: int) -> tuple[float, float]:
        """95 % of a candidate's mean."""
        return _middle(self.means[:, candidate])

    def difference(self, first: int, second: int) -> tuple[float, float]:
        """95 % of how much ``first`` is above ``second``, paired."""
        return _middle(self.means[:, first] - self.means[:, second])

    def best_probability(self) -> Floats:
        """``(C,)`` share of draws in which each is the best; those that are equal share the draw."""
        is_best = self.means >= self.means.max(axis=1, keepdims=True)
        return np.asarray((is_best / is_best.sum(axis=1, keepdims=True)).mean(axis=0))


def resample(scores: Floats, groups: Ints, rng: np.random.Generator, draws: int = DRAWS) -> Resampled:
    """Draw groups of rows with replacement.

    Args:
        scores: ``(C, N)``, each row's share of a candidate's score, higher is better.
        groups: ``(N,)``; rows of one group are drawn together.
        rng: Draws.
        draws: B.

    Raises:
        ShapeError: not one group per row, or no rows.
    """
    if scores.ndim != 2 or groups.shape != scores.shape[1:] or scores.shape[1] == 0:
        raise ShapeError(f"scores must be (C, N) and groups (N,), N > 0; got {scores.shape} and {groups.shape}.")
    sums, sizes = _by_unit(scores, groups, rng)
    units = len(sizes)
    even = np.full(units, 1 / units)
    parts = []
    for low in range(0, draws, AT_ONCE):
        counts = rng.multinomial(units, even, size=min(AT_ONCE, draws - low)).astype(np.float64)
        parts.append((counts @ sums.T) / (counts @ sizes)[:, None])
    return Resampled(np.concatenate(parts))


def _by_unit(scores: Floats, groups: Ints, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Summed scores ``(C, U)`` and rows ``(U,)`` of the units that are drawn."""
    unit = np.unique(groups, return_inverse=True)[1].reshape(-1)
    count = int(unit.max()) + 1
    if count > MOST_UNITS:
        unit = (rng.permutation(count) % MOST_UNITS)[unit]
        count = MOST_UNITS
    sums = np.stack([np.bincount(unit, row, minlength=count) for row in scores]).astype(np.float64)
    return sums, np.bincount(unit, minlength=count).astype(np.float64)


def _middle(values: Floats) -> tuple[float, float]:
    low, high = np.quantile(values, (TAIL, 1 - TAIL))
    return float(low), float(high)
