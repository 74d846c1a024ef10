"""Whether two scores put the same candidates in the same order, the best ones counting most."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError

Floats = NDArray[np.float64]


def weighted_tau(first: NDArray[Any], second: NDArray[Any]) -> float | None:
    r"""Weighted Kendall correlation of two scores of the same M candidates.

    Vigna, A Weighted Correlation Index for Rankings with Ties, WWW 2015: pairs in the same order count for, pairs in
    opposite order against, each with the weight :math:`\tfrac1{r_i} + \tfrac1{r_j}`, r the rank from 1 of the highest.
    Ranks are taken by ``first`` and by ``second`` in turn and the two results averaged (SciPy's ``weightedtau`` with
    its defaults, as comparisons of transferability scores use it), so the arguments may be swapped. A pair tied in a
    score counts neither for nor against; as in Kendall's tau-b the sum is divided by the weights of the pairs that are
    not tied, so identical orders, ties included, give 1. Where candidates tie, the other score decides who has the
    lower rank.

    Args:
        first: ``(M,)`` finite, higher is better.
        second: ``(M,)`` of the same candidates.

    Returns:
        In -1..1; None with fewer than two candidates or where a score is the same for all.

    Raises:
        ShapeError: not two vectors of one length, or a score is not finite.

    >>> round(weighted_tau(np.array([3, 2, 1]), np.array([3, 1, 2])), 4)  # (3/2 + 4/3 - 5/6) / (3/2 + 4/3 + 5/6)
    0.5455
    """
    from scipy.stats import weightedtau

    a, b = _scores(first), _scores(second)
    if a.shape != b.shape:
        raise ShapeError(
            f"two scores must be of the same candidates; got shapes {a.shape} and {b.shape}. Leave out those that "
            "have only one score."
        )
    if len(a) < 2 or a.min() == a.max() or b.min() == b.max():
        return None
    return float(np.clip(weightedtau(a, b).statistic, -1, 1))


def best_first(scores: NDArray[Any]) -> NDArray[np.int64]:
    """``(M,)`` positions of the candidates from the highest score to the lowest; ties stay in the order given.

    >>> best_first(np.array([0.2, 0.9, 0.2]))
    array([1, 0, 2])
    """
    return np.argsort(-_scores(scores), kind="stable").astype(np.int64)


def _scores(values: NDArray[Any]) -> Floats:
    scores = np.asarray(values, dtype=np.float64)
    if scores.ndim != 1 or not np.isfinite(scores).all():
        raise ShapeError(
            f"scores must be a vector of finite numbers, one for each candidate; got shape {scores.shape} with "
            f"{int((~np.isfinite(scores)).sum())} that are not finite. Leave those candidates out."
        )
    return scores
