"""Deletion and insertion: does the answer fall, or rise, faster in the order of an attribution than in a random one?

Petsiuk, Das & Saenko, RISE: Randomized Input Sampling for Explanation of Black-box Models, BMVC 2018, arXiv:1806.07421.
Units are taken away (deletion) or given to an input of nothing (insertion), the most important first, and the score is
drawn over the share of units. A small area under deletion and a large one under insertion are good. Alone they say
little, since they depend on the input; so both stand beside random orders of the same units. (A random order read
backwards is a random order, so the same curves serve for both.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.explanation.model import Model
from headstart.explanation.unit import Units

STEPS = 10
ORDERS = 5


@dataclass(frozen=True)
class Curves:
    """Scores over the share of units that were taken away, or put in; probabilities, of numbers predictions.

    Attributes:
        shares: ``(s + 1,)`` from 0 to 1.
        deletion, insertion: ``(s + 1,)`` in the order of the attribution.
        random: ``(k, s + 1)``: units put in, in random orders.
    """

    shares: NDArray[np.float64]
    deletion: NDArray[np.float64]
    insertion: NDArray[np.float64]
    random: NDArray[np.float64]

    def to_dict(self) -> dict[str, Any]:
        """Areas, and how many of the random orders were worse than the attribution's in each."""
        by_chance = [area(self.shares, each) for each in self.random]
        deletion, insertion = area(self.shares, self.deletion), area(self.shares, self.insertion)
        return {
            "deletion": deletion,
            "insertion": insertion,
            "random": float(np.mean(by_chance)),
            "random_low": min(by_chance),
            "random_high": max(by_chance),
            "orders": len(by_chance),
            "deletion_better_than": sum(deletion < each for each in by_chance),
            "insertion_better_than": sum(insertion > each for each in by_chance),
            "shares": self.shares.tolist(),
            "deletion_curve": self.deletion.tolist(),
            "insertion_curve": self.insertion.tolist(),
        }


def area(shares: NDArray[np.float64], scores: NDArray[np.float64]) -> float:
    """Under the curve by the trapezoidal rule: the mean score.

    >>> area(np.array([0.0, 0.5, 1.0]), np.array([1.0, 0.0, 0.0]))
    0.25
    """
    return float(np.sum(np.diff(shares) * (scores[1:] + scores[:-1]) / 2))


def curves(
    model: Model,
    units: Units,
    values: NDArray[np.float64],
    rng: np.random.Generator,
    *,
    steps: int = STEPS,
    orders: int = ORDERS,
) -> Curves:
    """Measure an attribution ``values`` of the units' shape; ties are in random order.

    ``steps`` (at most one for each unit) and random ``orders`` decide the cost: ``steps * (2 + orders)`` evaluations.
    """
    count = values.size
    counts = np.unique(np.linspace(0, count, min(steps, count) + 1).round().astype(np.int64))
    by_value = rng.permutation(count)
    by_value = by_value[np.argsort(-values.reshape(-1)[by_value], kind="stable")]
    kept = [~first(by_value, counts), first(by_value, counts)]
    kept += [first(rng.permutation(count), counts) for _ in range(orders)]
    inner = np.concatenate([each[1:-1] for each in kept])  # nothing and everything are the same for all
    ends = np.array([[False] * count, [True] * count])
    scores = model.scores(units, np.concatenate([inner, ends]).reshape(-1, *values.shape))
    nothing, everything = scores[-2], scores[-1]
    lines = scores[:-2].reshape(len(kept), len(counts) - 2)
    put_in = [np.concatenate([[nothing], line, [everything]]) for line in lines]
    deletion = np.concatenate([[everything], lines[0], [nothing]])
    return Curves(counts / count, deletion, put_in[1], np.array(put_in[2:]))


def first(order: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """``(s, n)``: whether each of n units is among the first ``counts`` ``(s,)`` of an order ``(n,)``.

    >>> first(np.array([1, 0]), np.array([0, 1])).tolist()
    [[False, False], [False, True]]
    """
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return np.asarray(place[None] < counts[:, None])
