r"""Sets of classes that hold the true one as often as is asked for, whatever the model and however few the rows.

Split conformal prediction (Papadopoulos et al., ECML 2002; Vovk, Gammerman & Shafer, Algorithmic Learning in a Random
World, 2005) with the score 1 - p of the true class, whose sets are the smallest on average for a given coverage
(Sadinle, Lei & Wasserman, JASA 2019, https://arxiv.org/abs/1609.00451). Of n held-out rows the :math:`\lceil (n + 1)\,
c \rceil`-th smallest score is taken: if those rows and a new one are exchangeable, the new row's set holds its class
with probability c or more, over draws of both. The thresholds of classes ask the same within each class (Vovk, ACML
2012, "Mondrian").

A set that would be empty gets the most probable class: that can only add rows whose set holds the truth, so coverage
goes up, never down. Adaptive sets (Romano, Sesia & Candès, NeurIPS 2020) are left out: without a random draw for each
row they cover more than asked and are larger where n is small, and with it the same input gets another set each time.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ConfigError, ShapeError
from headstart.evaluation.proportions import TAIL

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
COVERAGE = 0.9
ROUNDING = 1e-9  # (n + 1) * coverage that is whole but for the last bits is whole


def conformal_rank(n: int, coverage: float = COVERAGE) -> int | None:
    """Which of n scores, counted from the smallest as 1, a new one stays within as often as asked.

    Returns:
        None where n is too small for the level: below ``1 / (1 - coverage) - 1`` rows even the largest score is
        exceeded too often.

    >>> conformal_rank(9), conformal_rank(8), conformal_rank(100)
    (9, None, 91)
    """
    if not 0 < coverage < 1:
        raise ConfigError(f"coverage must lie between 0 and 1; got {coverage}. 0.9 is usual.")
    rank = math.ceil((n + 1) * coverage - ROUNDING)
    return max(rank, 1) if rank <= n else None


def fewest_rows(coverage: float = COVERAGE) -> int:
    """Held-out rows that the level needs: 9 for 0.9, 19 for 0.95, 99 for 0.99."""
    return max(math.ceil(1 / (1 - coverage) - ROUNDING) - 1, 1)


def too_few(n: int, coverage: float = COVERAGE) -> str | None:
    """Why n rows give no threshold, a clause; None where they do.

    >>> too_few(8)
    '8 held-out rows are too few for sets that hold the truth in 90 % of cases; 9 are needed'
    """
    if conformal_rank(n, coverage) is not None:
        return None
    return (
        f"{n} held-out rows are too few for sets that hold the truth in {100 * coverage:g} % of cases; "
        f"{fewest_rows(coverage)} are needed"
    )


def coverage_span(n: int, coverage: float = COVERAGE) -> tuple[float, float] | None:
    """What share of all new rows may be covered by a threshold from these n rows: 2.5 and 97.5 % quantile.

    The guarantee is an average over draws of the n rows. Given the rows, the share covered follows a beta distribution
    with parameters r and n + 1 - r, r the rank that was taken (Vovk, ACML 2012, https://arxiv.org/abs/1209.2673); with
    tied scores, or where empty sets are filled, it is larger. None where n is too small.

    >>> [round(each, 3) for each in coverage_span(100)]
    [0.836, 0.951]
    """
    from scipy.special import betaincinv

    rank = conformal_rank(n, coverage)
    if rank is None:
        return None
    low, high = betaincinv(rank, n + 1 - rank, np.array([TAIL, 1 - TAIL]))
    return float(low), float(high)


def thresholds(probabilities: NDArray[Any], truth: NDArray[Any], coverage: float = COVERAGE) -> float | None:
    """From which probability on a class belongs to a set (inclusive), the same for all classes.

    Args:
        probabilities: ``(n, K)`` of held-out rows, 0-1; neither the model nor what calibrated them saw these rows.
        truth: ``(n,)`` class numbers.
        coverage: Share of new rows whose set should hold their class, in (0, 1).

    Returns:
        0-1, or None where n is too small for the level (:func:`too_few` says so).

    Raises:
        ShapeError: shapes do not fit together, a probability is not finite, or a class number is not 0 to K - 1.
    """
    p, y = _checked(probabilities, truth)
    return _own_threshold(p[np.arange(len(y)), y], coverage)


def class_thresholds(probabilities: NDArray[Any], truth: NDArray[Any], coverage: float = COVERAGE) -> Floats | None:
    """``(K,)``: from which probability on each class belongs to a set, so that each class is covered as often as asked.

    Arguments and errors as for :func:`thresholds`. A class with too few rows of its own (:func:`classes_too_few` names
    them) gets the threshold for all classes, with which it is covered more or less often than asked. None where even
    all rows together are too few.
    """
    p, y = _checked(probabilities, truth)
    own = p[np.arange(len(y)), y]
    for_all = _own_threshold(own, coverage)
    if for_all is None:
        return None
    found = [_own_threshold(own[y == k], coverage) for k in range(p.shape[1])]
    return np.array([for_all if each is None else each for each in found])


def classes_too_few(truth: NDArray[Any], num_classes: int, coverage: float = COVERAGE) -> list[int]:
    """Classes whose rows ``(n,)`` are too few for a threshold of their own."""
    counts = np.bincount(np.asarray(truth), minlength=num_classes)
    return [k for k in range(num_classes) if conformal_rank(int(counts[k]), coverage) is None]


def sets(probabilities: NDArray[Any], threshold: float | NDArray[Any]) -> Flags:
    """Which classes are in the set of each row, ``(N, K)``; every set holds the most probable class.

    Args:
        probabilities: ``(N, K)``, 0-1.
        threshold: One, or ``(K,)`` of the classes.
    """
    p = np.asarray(probabilities, dtype=np.float64)
    if p.ndim != 2 or np.shape(threshold) not in ((), p.shape[1:]):
        raise ShapeError(
            f"probabilities must be (N, K), the threshold a number or (K,); got {p.shape} and {np.shape(threshold)}."
        )
    held = p >= threshold
    held[np.arange(len(p)), p.argmax(axis=1)] = True
    return np.asarray(held)


def without_gaps(sets: NDArray[Any]) -> Flags:
    """Sets of grades ``(N, K)`` with all between the lowest and the highest: that only adds, so coverage goes up.

    >>> without_gaps(np.array([[True, False, True, False]])).tolist()
    [[True, True, True, False]]
    """
    held = np.asarray(sets, dtype=bool)
    from_lowest = np.logical_or.accumulate(held, axis=1)
    to_highest = np.logical_or.accumulate(held[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(from_lowest & to_highest)


def _own_threshold(own: Floats, coverage: float) -> float | None:
    """The rank-th largest of the probabilities ``(n,)`` of what came true."""
    rank = conformal_rank(len(own), coverage)
    return None if rank is None else float(np.sort(own)[len(own) - rank])


def _checked(probabilities: NDArray[Any], truth: NDArray[Any]) -> tuple[Floats, NDArray[np.int64]]:
    p, y = np.asarray(probabilities, dtype=np.float64), np.asarray(truth)
    if p.ndim != 2 or y.shape != p.shape[:1] or not p.shape[1]:
        raise ShapeError(f"probabilities must be (N, K) and truth (N,); got {p.shape} and {y.shape}.")
    if not np.isfinite(p).all():
        raise ShapeError("probabilities must be finite. Leave out rows that were never held out.")
    if len(y) and not (0 <= y.min() and y.max() < p.shape[1]):
        raise ShapeError(f"classes must be numbers 0 to {p.shape[1] - 1}; got {y.min()} to {y.max()}.")
    return p, y.astype(np.int64)
