"""The order of candidates, and which of them cannot be told apart from the first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from headstart.core.learning import Floats, Ints
from headstart.selection.resampling import Resampled, resample


@dataclass(frozen=True)
class Placed:
    """One candidate in the order.

    Attributes:
        number: Its position among the candidates given.
        interval: 95 % of its worth; None where all rows score the same, so that nothing varies.
        behind: How much the first one's worth is above its own.
        behind_interval: 95 % of it, paired over rows; (0, 0) of the first one.
        is_tied: Whether 0 lies in that interval: it cannot be told apart from the first.
        best_probability: Share of draws in which it is the best.
    """

    number: int
    interval: tuple[float, float] | None
    behind: float
    behind_interval: tuple[float, float]
    is_tied: bool
    best_probability: float


def place(
    scores: Floats,
    groups: Ints,
    sizes: Sequence[float],
    rng: np.random.Generator,
    worth: Callable[[Floats], Floats] = np.asarray,
) -> list[Placed]:
    """Order candidates by what their mean score is worth, the best first; of equals the smaller one.

    Args:
        scores: ``(C, N)`` by candidate and row, higher is better.
        groups: ``(N,)``: rows that are drawn together.
        sizes: ``(C,)`` of the candidates, for equals.
        rng: Draws.
        worth: From mean scores to what is reported, rising: the mean itself, or minus the root of an error's mean.
    """
    means = worth(scores.mean(axis=1))
    order = sorted(range(len(means)), key=lambda number: (-means[number], sizes[number], number))
    drawn = Resampled(worth(resample(scores, groups, rng).means))
    chances = drawn.best_probability()
    first = order[0]
    found = []
    for number in order:
        gap = drawn.difference(first, number)
        varies = bool(np.ptp(scores[number]) > 0)
        found.append(
            Placed(
                number,
                drawn.interval(number) if varies else None,
                float(means[first] - means[number]),
                gap,
                gap[0] <= 0,
                float(chances[number]),
            )
        )
    return found
