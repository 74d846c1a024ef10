"""Whether an adapted head may replace the model as it is, and what a few labels of the target domain say of that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import DataError, ShapeError
from headstart.core.learning import Ints
from headstart.evaluation.intervals import LEVEL, interval
from headstart.evaluation.proportions import clopper_pearson

POINTS = 100.0
Z = 1.959963984540054  # of 95 %
TAIL = (1 - LEVEL) / 4  # either end of a difference is bounded by two proportions


@dataclass(frozen=True)
class Gain:
    """What an adapted head is estimated to gain over the model as it is.

    Attributes:
        value: In points (100 is all).
        low, high: 95 % of what came on shifts of sets that the estimate had not learned from lay between.
        changed: Points of the target rows that get another answer: no gain or loss is larger.
    """

    value: float
    low: float
    high: float
    changed: float

    def to_dict(self) -> dict[str, Any]:
        """As evidence holds it."""
        return interval(self.value, (self.low, self.high))

    def after(self, margin: float) -> float:
        """What is left when a share ``margin`` of the way to ``low`` is taken off; the model is kept unless above 0."""
        return self.value - margin * (self.value - self.low)


@dataclass(frozen=True)
class Seen:
    """What few labelled rows of the target domain say of a head beside the model as it is.

    Attributes:
        n: Labelled rows.
        changed: Of those, rows about which the two differ; the others say nothing.
        won, lost: Rows of ``changed`` about which only the head is right, and only the model as it is.
        gain: Points, with an exact interval.
    """

    n: int
    changed: int
    won: int
    lost: int
    gain: Gain


def seen_by_labels(before: Ints, after: Ints, rows: NDArray[Any], truth: Ints) -> Seen:
    r"""What labels of some target rows say.

    All m rows tell which share d of them the head answers differently; among labelled ones of these the shares won
    and lost are proportions. With their exact limits (Clopper & Pearson, Biometrika 1934), each missed at a quarter of
    5 %, the gain :math:`d (p_{won} - p_{lost})` is bounded at 95 % at least, provided that the labelled rows were drawn
    at random.

    Args:
        before: ``(m,)`` classes that the model as it is says of the target rows.
        after: ``(m,)`` those that the head says.
        rows: ``(n,)`` which rows are labelled, n 1 or more, none twice.
        truth: ``(n,)`` their classes.

    Raises:
        ShapeError: lengths differ.
        DataError: no labelled row, or one that is no target row.
    """
    if before.shape != after.shape or len(rows) != len(truth):
        raise ShapeError(
            f"answers must be of the same rows, and each labelled row must have one label; got {before.shape} and "
            f"{after.shape} answers, {len(rows)} rows and {len(truth)} labels."
        )
    places = np.asarray(rows)
    if not len(places) or places.min() < 0 or places.max() >= len(before) or len(np.unique(places)) < len(places):
        raise DataError(
            f"labelled rows must be among the {len(before)} target rows, at least one and none twice; got "
            f"{places.tolist()[:5]}."
        )
    return _seen(before[places], after[places], np.asarray(truth), POINTS * float((before != after).mean()))


def seen_by_folds(before: Ints, after: Ints, held: Ints, rows: NDArray[Any], truth: Ints) -> Seen:
    """The same of a head that these labels teach, from answers to each of them by a head that it did not teach.

    Args:
        before: ``(m,)`` classes that the model as it is says of the target rows.
        after: ``(F, m)`` those that the head of each fold says; the share that differs is the mean over folds.
        held: ``(n,)`` of the labelled rows, by the head of the fold that left them out.
        rows: ``(n,)`` which rows are labelled.
        truth: ``(n,)`` their classes.
    """
    return _seen(before[rows], held, truth, POINTS * float((after != before).mean()))


def _seen(before: Ints, after: Ints, truth: Ints, share: float) -> Seen:
    """Of ``(n,)`` labelled rows, where ``share`` points of all rows are answered otherwise."""
    differs = before != after
    won, lost = (int((differs & (each == truth)).sum()) for each in (after, before))
    count = int(differs.sum())
    low, high = clopper_pearson(np.array([won, lost]), count, TAIL)
    value = share * (won - lost) / count if count else 0.0
    gain = Gain(value, share * float(low[0] - high[1]), share * float(high[0] - low[1]), share)
    return Seen(len(truth), count, won, lost, gain)


def with_labels(estimate: Gain, seen: Seen) -> Gain:
    """The estimate and what labels say, each weighted by how sure it is, kept within the labels' exact interval.

    A few labels barely move a sure estimate; where they contradict it, they overrule it.
    """
    if not seen.changed or not seen.gain.changed:
        return estimate
    d, n = seen.gain.changed, seen.changed
    # one more row won and one more lost (Agresti & Min, Statistics in Medicine 2005), so that few rows are never sure
    middle = (seen.won - seen.lost) / (n + 2)
    spread = (seen.won + seen.lost + 2) / (n + 2) - middle**2
    theirs, ours = d * d * spread / (n + 2), max((estimate.high - estimate.low) / (2 * Z), 1e-9) ** 2
    weight = ours / (ours + theirs)
    value = (1 - weight) * estimate.value + weight * d * middle
    reach = Z * float(np.sqrt(ours * theirs / (ours + theirs)))
    bounds = np.clip([value - reach, value, value + reach], seen.gain.low, seen.gain.high)
    return Gain(float(bounds[1]), float(bounds[0]), float(bounds[2]), estimate.changed)
