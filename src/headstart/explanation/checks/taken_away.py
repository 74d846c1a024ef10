"""One point of the deletion curve, in figures that can be read aloud: what is left without the marked tenth?

The areas of :mod:`headstart.explanation.checks.curves` compare explanations; this says of one what it is worth, for
the price of a few evaluations: the score without the units that speak most for the answer, beside as many at random.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.explanation.checks.curves import first
from headstart.explanation.model import Model
from headstart.explanation.unit import Units

SHARE = 0.1
ORDERS = 3


@dataclass(frozen=True)
class TakenAway:
    """Scores: probabilities of what is explained, of numbers predictions.

    Attributes:
        taken, units: How many units are taken away, of how many.
        whole: The score of everything.
        marked: Without the units of the largest figures.
        random, random_low, random_high: Without as many at random: mean, smallest and largest.
    """

    taken: int
    units: int
    whole: float
    marked: float
    random: float
    random_low: float
    random_high: float

    def to_dict(self) -> dict[str, Any]:
        """By name."""
        return asdict(self)


def taken_away(
    model: Model,
    units: Units,
    values: NDArray[np.float64],
    rng: np.random.Generator,
    *,
    share: float = SHARE,
    orders: int = ORDERS,
) -> TakenAway:
    """Measure an attribution ``values`` of the units' shape in ``2 + orders`` evaluations.

    ``share`` (0-1) of the units are taken away, at least one; ``orders`` random sets of as many stand beside them.
    """
    count = values.size
    taken = np.array([max(1, round(share * count))])
    chosen = [np.argsort(-values.reshape(-1), kind="stable"), *(rng.permutation(count) for _ in range(orders))]
    kept = [np.ones((1, count), bool), *(~first(order, taken) for order in chosen)]
    whole, marked, *random = model.scores(units, np.concatenate(kept).reshape(-1, *values.shape)).tolist()
    return TakenAway(int(taken[0]), count, whole, marked, float(np.mean(random)), min(random), max(random))
