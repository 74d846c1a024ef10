"""How well a score orders positives before negatives: area under the ROC curve, average precision."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError
from headstart.evaluation.proportions import HALVINGS, TAIL, clopper_pearson

Floats = NDArray[np.float64]


def roc_auc(is_positive: NDArray[Any], scores: NDArray[Any]) -> float:
    """Probability that a random positive scores above a random negative, ties counting half.

    Args:
        is_positive: ``(N,)`` bool with at least one of each.
        scores: ``(N,)``, higher means positive.
    """
    positive, negative = _both(is_positive, scores)
    ranks = midranks(np.concatenate([positive, negative]))[: len(positive)]
    m, n = len(positive), len(negative)
    return float((ranks.sum() - m * (m + 1) / 2) / (m * n))


def roc_auc_interval(is_positive: NDArray[Any], scores: NDArray[Any]) -> tuple[float, float]:
    r"""Score-type interval of the AUC.

    Newcombe, Statistics in Medicine 2006, method 5: solves :math:`|\hat\theta - \theta| = z\sqrt{V(\theta)}` with the
    variance of Hanley & McNeil (Radiology 1982) at the mean group size, so a perfect ranking still has a lower limit.
    That variance assumes one shape of curve; where DeLong's (Biometrics 1988), which does not, is larger, V is scaled
    up to it.
    """
    from scipy.special import ndtri

    area = roc_auc(is_positive, scores)
    positive, negative = _both(is_positive, scores)
    m, n = len(positive), len(negative)
    assumed = _hanley_mcneil(np.array(area), m, n)
    scale = max(1.0, _delong(positive, negative) / float(assumed)) if assumed > 0 else 1.0
    reach = float(ndtri(1 - TAIL)) * np.sqrt(scale)

    def outermost(edge: float) -> float:
        inside, outside = area, edge
        for _ in range(HALVINGS):
            middle = (inside + outside) / 2
            is_kept = abs(area - middle) <= reach * np.sqrt(_hanley_mcneil(np.array(middle), m, n))
            inside, outside = (middle, outside) if is_kept else (inside, middle)
        return (inside + outside) / 2

    return outermost(0.0), outermost(1.0)


def average_precision(is_positive: NDArray[Any], scores: NDArray[Any]) -> float:
    """Precision averaged over the positives, stepwise without interpolation; tied scores enter together.

    Args:
        is_positive: ``(N,)`` bool with at least one of each.
        scores: ``(N,)``, higher means positive.

    Raises:
        ShapeError: they are not both ``(N,)``, or one kind is missing.
    """
    _both(is_positive, scores)
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.diff(scores[order]) != 0, True)  # the last of each run of ties
    hits = np.cumsum(is_positive[order])[ends]
    precision = hits / np.arange(1, len(scores) + 1)[ends]
    return float((np.diff(hits, prepend=0) * precision).sum() / hits[-1])


def average_precision_interval(is_positive: NDArray[Any], scores: NDArray[Any]) -> tuple[float, float]:
    """The exact interval of a proportion with as many trials as there are positives, ``(N,)`` flags and scores.

    Boyd, Eng & Page, ECML 2013, found the binomial form with n = positives to cover best; the exact limits replace
    their logit ones, which have no width at 1. It errs on the wide side.
    """
    value = average_precision(is_positive, scores)
    positives = int(np.count_nonzero(is_positive))
    low, high = clopper_pearson(value * positives, positives)
    return float(low), float(high)


def _both(is_positive: NDArray[Any], scores: NDArray[Any]) -> tuple[Floats, Floats]:
    is_positive = np.asarray(is_positive, dtype=bool)
    if is_positive.shape != scores.shape or scores.ndim != 1:
        raise ShapeError(f"is_positive and scores must both be (N,); got {is_positive.shape} and {scores.shape}.")
    if is_positive.all() or not is_positive.any():
        raise ShapeError(
            f"ranking metrics need positives and negatives; got {is_positive.sum()} positives of {len(scores)}."
        )
    return np.asarray(scores[is_positive], float), np.asarray(scores[~is_positive], float)


def midranks(values: Floats) -> Floats:
    """``(N,)`` ranks from 1 of ``(N,)`` values; ties share their mean rank."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[inverse], dtype=np.float64)


def _hanley_mcneil(theta: Floats, m: int, n: int) -> Floats:
    both = (1 - theta) / (2 - theta) + theta / (1 + theta)
    return np.asarray(theta * (1 - theta) * (1 + ((m + n) / 2 - 1) * both) / (m * n), dtype=np.float64)


def _delong(positive: Floats, negative: Floats) -> float:
    """Variance from the placements of each positive among the negatives and the reverse; 0 with one of a kind."""
    m, n = len(positive), len(negative)
    if min(m, n) < 2:
        return 0.0
    ranks = midranks(np.concatenate([positive, negative]))
    of_positives = (ranks[:m] - midranks(positive)) / n
    of_negatives = (ranks[m:] - midranks(negative)) / m
    return float(of_positives.var(ddof=1) / m + of_negatives.var(ddof=1) / n)
