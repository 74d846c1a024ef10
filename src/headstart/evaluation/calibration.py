"""Does a probability of 0.8 come true in 80 of 100 cases? The expected calibration error and its interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError
from headstart.evaluation.proportions import TAIL, clopper_pearson

Floats = NDArray[np.float64]
BINS = 15  # of equal width, as Guo et al., ICML 2017, and most papers since
DRAWS = 400  # simulated test sets per strength: 10 of them lie beyond each limit
STRENGTHS = 24  # strengths of miscalibration tried per direction
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Reliability:
    """Sums over the bins that hold examples; the plot that a reliability diagram shows.

    Attributes:
        count: ``(b,)`` examples.
        confidence: ``(b,)`` mean probability of the predicted class, 0-1.
        accuracy: ``(b,)`` share that was right, 0-1.
    """

    count: NDArray[np.int64]
    confidence: Floats
    accuracy: Floats

    @property
    def ece(self) -> float:
        """Mean gap between confidence and accuracy, weighted by examples, 0-1."""
        return float((self.count * np.abs(self.accuracy - self.confidence)).sum() / self.count.sum())

    @property
    def accuracy_bounds(self) -> tuple[Floats, Floats]:
        """``(b,)`` low and high of each bin's accuracy: exact, 95 % for each bin alone, not for all at once."""
        return clopper_pearson(np.round(self.accuracy * self.count), self.count)


def reliability(confidence: NDArray[Any], is_right: NDArray[Any]) -> Reliability:
    """Bin N predictions by the probability of the predicted class.

    Args:
        confidence: ``(N,)``, 0-1; an edge belongs to the bin below it.
        is_right: ``(N,)`` bool.
    """
    if confidence.shape != is_right.shape or confidence.ndim != 1 or not len(confidence):
        raise ShapeError(f"confidence and is_right must both be (N,), N >= 1; got {confidence.shape}, {is_right.shape}")
    place = np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)
    count = np.bincount(place, minlength=BINS)
    sums = [np.bincount(place, weights=w.astype(np.float64), minlength=BINS) for w in (confidence, is_right)]
    used = count > 0
    return Reliability(count[used], sums[0][used] / count[used], sums[1][used] / count[used])


def ece_interval(bins: Reliability, rng: np.random.Generator) -> tuple[float, float]:
    """Values of the calibration error that the observed one does not contradict.

    The observed error is biased upwards (a perfectly calibrated model shows one too), so resampling the examples would
    be wrong twice over. Instead the bootstrap is inverted: for accuracies at growing distance from the confidences,
    test sets are drawn, and a distance is kept when the observed error lies between the 2.5 % and 97.5 % points of
    the drawn ones. Three directions are walked and the union is taken: the observed gaps scaled, too much confidence
    everywhere, too little everywhere. The observed value is always inside. One so small that even a perfect model
    shows less in under 2.5 % of test sets contradicts every distance, the smallest the least: 0 is inside then.

    Args:
        bins: From :func:`reliability`; their counts and confidences are held fixed.
        rng: The only source of chance.
    """
    observed, n = bins.ece, int(bins.count.sum())
    share = bins.count / n
    chance = 2 / np.sqrt(n)  # four standard errors of a share at its widest
    bias = float((share / np.sqrt(bins.count)).sum()) / 2  # the most that chance adds up to over the bins
    errors = np.append(np.linspace(max(0.0, observed - bias - chance), observed + chance, STRENGTHS), 0.0)
    kept = [observed]
    for direction in (bins.accuracy - bins.confidence, -bins.confidence, 1 - bins.confidence):
        reach = float((share * np.abs(direction)).sum())
        if reach > 0:
            accuracy = np.clip(bins.confidence + np.sort(errors)[:, None] / reach * direction, 0, 1)
            kept += _kept(bins, accuracy, rng)
    return max(0.0, min(kept)), min(1.0, max(kept))


def _kept(bins: Reliability, accuracy: Floats, rng: np.random.Generator) -> list[float]:
    """The ends of the range of errors that the observed one allows; ``accuracy`` ``(S, b)`` at growing distance."""
    share = bins.count / bins.count.sum()
    error = (share * np.abs(accuracy - bins.confidence)).sum(axis=1)
    hits = rng.binomial(bins.count, accuracy, size=(DRAWS, *accuracy.shape))
    drawn = (share * np.abs(hits / bins.count - bins.confidence)).sum(axis=2)  # (DRAWS, S)
    low, high = np.quantile(drawn, [TAIL, 1 - TAIL], axis=0)
    # Drawn errors are often equal to the observed one: without a tolerance the last bit of a sum would decide.
    inside = np.flatnonzero((low <= bins.ece + TOLERANCE) & (bins.ece <= high + TOLERANCE))
    if not len(inside):
        return [0.0] if (low > bins.ece).all() else []
    first, last = int(inside[0]), int(inside[-1])
    ends = [float(error[first]), float(error[last])]
    if first > 0:
        ends.append(_crossing(error, high - bins.ece, first - 1))
    if last + 1 < len(error):
        ends.append(_crossing(error, low - bins.ece, last))
    return ends


def _crossing(x: Floats, y: Floats, left: int) -> float:
    """Where the line from point ``left`` to the next one is zero."""
    slope = y[left + 1] - y[left]
    part = float(np.clip(-y[left] / slope, 0, 1)) if slope else 1.0
    return float(x[left] + part * (x[left + 1] - x[left]))
