r"""Where to draw the line between yes and no: thresholds for a stated recall or precision, and what each one gives.

A threshold for recall is the conformal quantile of the positives' probabilities: with n held-out positives the
:math:`\lfloor (n+1)(1-r) \rfloor`-th smallest, so that a new positive is found with probability r or more (Vovk et al.,
Algorithmic Learning in a Random World, 2005). The plain quantile falls short of r half of the time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.evaluation.intervals import interval
from headstart.evaluation.proportions import clopper_pearson

FEWEST_FLAGGED = 5  # examples behind a precision that is believed


def recall_threshold(is_positive: NDArray[Any], probability: NDArray[Any], recall: float) -> float | None:
    """The highest probability from which on (inclusive) a positive is found ``recall`` of the time.

    Args:
        is_positive: ``(N,)`` bool.
        probability: ``(N,)`` of held-out predictions, 0-1.
        recall: In (0, 1].

    Returns:
        None where the positives are too few to promise that: below :func:`positives_needed`.

    >>> round(recall_threshold(np.ones(9, bool), np.arange(1, 10) / 10, 0.8), 2)
    0.15
    """
    p = np.asarray(probability, dtype=np.float64)
    positives = np.sort(p[np.asarray(is_positive, dtype=bool)])
    missed = math.floor((len(positives) + 1) * (1 - recall) + 1e-9)
    return None if missed < 1 else just_below(p, float(positives[missed - 1]))


def positives_needed(recall: float) -> int | None:
    """Held-out positives from which on a recall can be promised; None for a recall of 1, which nothing can promise.

    >>> positives_needed(0.95), positives_needed(1.0)
    (19, None)
    """
    return None if recall >= 1 else math.ceil(1 / (1 - recall) - 1 - 1e-9)


def precision_threshold(is_positive: NDArray[Any], probability: NDArray[Any], precision: float) -> float | None:
    """The lowest probability from which on (inclusive) ``precision`` of those flagged are positive.

    Thresholds that flag fewer than five held-out examples are not believed.

    Args:
        is_positive: ``(N,)`` bool.
        probability: ``(N,)`` of held-out predictions, 0-1.
        precision: In (0, 1].

    Returns:
        None where no threshold reaches it.
    """
    p, reached = np.asarray(probability, dtype=np.float64), _precisions(is_positive, probability)
    good = [value for value, share, flagged in reached if share >= precision - 1e-12 and flagged >= FEWEST_FLAGGED]
    return just_below(p, min(good)) if good else None


def best_precision(is_positive: NDArray[Any], probability: NDArray[Any]) -> float | None:
    """The highest precision that a threshold reaches on the rows given; None for fewer than five of them."""
    shares = [share for _, share, flagged in _precisions(is_positive, probability) if flagged >= FEWEST_FLAGGED]
    return max(shares, default=None)


def just_below(probability: NDArray[Any], value: float) -> float:
    """Halfway from a probability to the next lower one of ``(N,)``, so that rounding does not move examples across."""
    lower = probability[probability < value]
    return float((value + (lower.max() if len(lower) else 0.0)) / 2)


def operating_points(
    is_positive: NDArray[Any], probability: NDArray[Any], thresholds: Sequence[float]
) -> list[dict[str, Any]]:
    """What each threshold gives on ``(N,)`` examples: share flagged, recall and precision with exact intervals.

    Returns:
        ``[{"threshold", "flagged", "recall", "precision"}]``, the last three as
        :func:`headstart.evaluation.intervals.interval`; a precision of nothing, or a recall without positives, is None.
    """
    truth, p = np.asarray(is_positive, dtype=bool), np.asarray(probability, dtype=np.float64)
    found = []
    for threshold in thresholds:
        flagged = p >= threshold
        hits = int((flagged & truth).sum())
        found.append(
            {
                "threshold": float(threshold),
                "flagged": share_of(int(flagged.sum()), len(p), "there are no examples"),
                "recall": share_of(hits, int(truth.sum()), "there is no positive example"),
                "precision": share_of(hits, int(flagged.sum()), "nothing is flagged"),
            }
        )
    return found


def share_of(hits: int, n: int, note: str) -> dict[str, Any]:
    """``hits / n`` with its exact interval; None with a note where n is 0."""
    if n == 0:
        return interval(None, None, note)
    low, high = clopper_pearson(hits, n)
    return interval(hits / n, (float(low), float(high)))


def _precisions(is_positive: NDArray[Any], probability: NDArray[Any]) -> list[tuple[float, float, int]]:
    """Threshold, precision and number flagged, for every distinct probability; ties enter together."""
    p, truth = np.asarray(probability, dtype=np.float64), np.asarray(is_positive, dtype=np.float64)
    order = np.argsort(-p, kind="stable")
    hits, flagged = np.cumsum(truth[order]), np.arange(1, len(p) + 1)
    ends = np.flatnonzero(np.append(np.diff(p[order]) != 0, True)) if len(p) else np.zeros(0, int)
    return [(float(p[order][end]), float(hits[end] / flagged[end]), int(flagged[end])) for end in ends]
