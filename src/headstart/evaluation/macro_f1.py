r"""Macro-F1: its value, its interval, and the interval of a paired difference.

The average runs over the classes that have test examples, so two models are averaged over the same classes (averaging
over predicted classes too, as some libraries do, would let a model change the yardstick). A class never predicted has
F1 = 0.

Intervals come from the influence function of macro-F1. With class shares :math:`\pi_k`, predicted shares
:math:`q_k`, :math:`d_k = \pi_k + q_k` and :math:`F_k` over m classes, an example of class k moves macro-F1 by
:math:`(2/d_k - 2F_k/d_k)/m` when it is predicted as k and by :math:`-(F_k/d_k + F_j/d_j)/m` when as j. The second
moment of these is estimated class by class, shrunk towards what the pooled error rate would give (a class seen once
tells nothing about its own variance), and turned into an effective sample size, for which the exact interval of a
proportion, or the score interval of a paired difference, is taken. Resampling bootstraps were tried and fall to 0.3
near a perfect score; see benchmarks/intervals.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.evaluation.confusion import ClassCounts, class_counts
from headstart.evaluation.jackknife import t_interval
from headstart.evaluation.macro_average import PRIOR, at_effective_size, shrunk_rates
from headstart.evaluation.proportions import paired_difference

Floats = NDArray[np.float64]


def macro_f1(counts: ClassCounts) -> float:
    """Mean F1 over the classes that have examples, 0-1."""
    return float(counts.f1[counts.is_present].mean())


def macro_f1_interval(targets: NDArray[Any], predictions: NDArray[Any], num_classes: int) -> tuple[float, float]:
    """``(low, high)`` of :func:`macro_f1` for ``(N,)`` targets and predictions; O(N + K)."""
    counts = class_counts(targets, predictions, num_classes)
    n = len(targets)
    rates = shrunk_rates(counts.hits, counts.true)
    hits = rates * counts.true
    lost = counts.hits - hits  # hits that shrinking turns into errors; they land on classes by their share
    predicted = np.maximum(counts.predicted - lost + lost.sum() * counts.true / n, hits)
    size = np.maximum(counts.true + predicted, 1e-12)
    f1 = np.where(counts.is_present, 2 * hits / size, 0.0)
    moved = _influence(targets, predictions, f1, size / n, counts)
    right = (2 / size - 2 * f1 / size) * n / counts.is_present.sum()
    wrong = (f1 / size + (f1 / size).mean()) * n / counts.is_present.sum()
    pooled = float((hits.sum() + 0.5) / (n + 1))
    second_moment = _shrunk_moment(targets, moved**2, pooled * right**2 + (1 - pooled) * wrong**2, counts)
    smoothed = float(f1[counts.is_present].mean())
    return at_effective_size(macro_f1(counts), smoothed, second_moment / n, n)


def macro_f1_difference(
    targets: NDArray[Any], first: NDArray[Any], second: NDArray[Any], num_classes: int
) -> tuple[float, float, float]:
    """``(value, low, high)`` of macro-F1 of ``first`` minus that of ``second``, on the same ``(N,)`` targets.

    The wider limit of two intervals is taken on each side, since each fails where the other holds: the score interval
    at the effective size is too short for many small classes, the jackknife where a rare class happens to be predicted
    alike.
    """
    counts = [class_counts(targets, predictions, num_classes) for predictions in (first, second)]
    n, value = len(targets), macro_f1(counts[0]) - macro_f1(counts[1])
    low, high = _score_interval(targets, first, second, counts, value)
    moved = _without_each(targets, first, counts[0]) - _without_each(targets, second, counts[1])
    plain = t_interval(value, float(np.std(moved)) * np.sqrt(n - 1), n) if n > 1 else None
    if plain is not None:
        low, high = min(low, plain[0]), max(high, plain[1])
    return value, max(-1.0, low), min(1.0, high)


def _score_interval(
    targets: NDArray[Any], first: NDArray[Any], second: NDArray[Any], counts: list[ClassCounts], difference: float
) -> tuple[float, float]:
    """The score interval for paired proportions (Tango 1998) at the effective sample size.

    With ``psi`` the class-averaged share of examples that the two predict differently, that is
    ``(psi - difference^2) / variance``. For a metric that is plain accuracy this is the ordinary interval.
    """
    n, true, is_present = len(targets), counts[0].true, counts[0].is_present
    moved = np.zeros(n)
    for sign, one, predictions in ((1, counts[0], first), (-1, counts[1], second)):
        shares = np.maximum(one.true + one.predicted, 1) / n
        moved += sign * _influence(targets, predictions, one.f1, shares, one)
    differs = np.bincount(targets[first != second], minlength=len(true))
    pooled = (differs.sum() + 1) / (n + 1)
    # One changed prediction in class k moves macro recall, and about macro-F1, by 1 / (m n_k).
    jump = n / (np.maximum(true, 1) * is_present.sum())
    variance = (_shrunk_moment(targets, moved**2, pooled * jump**2, counts[0]) - difference**2) / n
    smoothed = ((differs + PRIOR * pooled) / (true + PRIOR))[is_present].mean()
    size = float(np.clip((smoothed - difference**2) / max(variance, 1e-300), 1, n))
    psi = max(float((differs / np.maximum(true, 1))[is_present].mean()), abs(difference))
    low, high = paired_difference((psi + difference) / 2 * size, (psi - difference) / 2 * size, size)
    return float(low), float(high)


def f1_shares(targets: NDArray[Any], predictions: NDArray[Any], num_classes: int) -> Floats:
    """``(N,)`` each example's share of macro-F1: 0 for an error; the mean over examples is macro-F1 itself."""
    counts = class_counts(targets, predictions, num_classes)
    worth = 2 * len(targets) / (np.maximum(counts.true + counts.predicted, 1) * counts.is_present.sum())
    return np.where(targets == predictions, worth[targets], 0.0)


def _influence(
    targets: NDArray[Any], predictions: NDArray[Any], f1: Floats, shares: Floats, counts: ClassCounts
) -> Floats:
    """``(N,)``: how far macro-F1 moves per unit weight of each example; ``shares`` holds d = pi + q per class."""
    pull = f1 / shares
    gain = np.where(targets == predictions, 2 / shares[targets], 0.0)
    return np.asarray((gain - pull[targets] - pull[predictions]) / counts.is_present.sum(), dtype=np.float64)


def _without_each(targets: NDArray[Any], predictions: NDArray[Any], counts: ClassCounts) -> Floats:
    """``(N,)``: by how much macro-F1 changes when one example is left out; it touches two classes at most."""
    hit = targets == predictions
    size = counts.true + counts.predicted
    own = 2 * (counts.hits[targets] - hit) / np.maximum(size[targets] - 1 - hit, 1) - counts.f1[targets]
    taken_for = 2 * counts.hits[predictions] / np.maximum(size[predictions] - 1, 1) - counts.f1[predictions]
    touched = ~hit & counts.is_present[predictions]
    return np.asarray((own + np.where(touched, taken_for, 0.0)) / counts.is_present.sum(), dtype=np.float64)


def _shrunk_moment(targets: NDArray[Any], squares: Floats, prior: Floats, counts: ClassCounts) -> float:
    """Mean of ``squares`` ``(N,)``, each class's own mean pulled towards ``prior`` ``(K,)``."""
    sums = np.bincount(targets, weights=squares, minlength=len(prior))
    means = (sums + PRIOR * prior) / (counts.true + PRIOR)
    return float((counts.true * means).sum() / counts.true.sum())
