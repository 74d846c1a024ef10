"""How often each class comes where only predictions are known: black-box shift estimation.

Lipton, Wang & Smola, ICML 2018, https://arxiv.org/abs/1802.03916, with decided classes: counts of them can be added
up, and both the window and the held-out rows can be drawn again for an interval. Where what a class looks like is
unchanged, the predictions of a window are a mixture of the columns of the confusion matrix, in shares that are solved
for.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError

Floats = NDArray[np.float64]
DRAWS = 200
TAIL = 2.5  # percent on each side
WEAKEST = 0.05  # smallest singular value below which predictions say too little about classes


def corrected_shares(confusion: NDArray[Any], predicted: NDArray[Any]) -> Floats:
    """``(K,)`` shares of the true classes, at least 0, of sum 1.

    Args:
        confusion: ``(K, K)`` held-out counts, rows predicted, columns true.
        predicted: ``(K,)`` counts of the window.

    >>> corrected_shares(np.array([[8, 2], [2, 8]]), np.array([50, 50])).tolist()
    [0.5, 0.5]
    """
    from scipy.optimize import nnls

    counts, seen = np.asarray(confusion, np.float64), np.asarray(predicted, np.float64)
    if counts.shape != (len(seen), len(seen)):
        raise ShapeError(f"{len(seen)} predicted classes need a square confusion matrix; got {counts.shape}.")
    shares = nnls(rates(counts), seen / max(seen.sum(), 1))[0]
    return np.asarray((shares / max(shares.sum(), 1e-12)).round(12))


def rates(confusion: NDArray[Any]) -> Floats:
    """``(K, K)`` columns that say how often a class is predicted as each; a class never held out counts as known."""
    counts = np.asarray(confusion, np.float64)
    sums = counts.sum(axis=0)
    return np.where(sums > 0, counts / np.maximum(sums, 1), np.eye(len(counts)))


def shares_drawn(confusion: NDArray[Any], predicted: NDArray[Any], rng: np.random.Generator) -> tuple[Floats, Floats]:
    """:func:`corrected_shares` ``(DRAWS, K)`` of window and held-out rows drawn again, and the accuracy ``(DRAWS,)``
    that follows from each where only the shares changed.
    """
    counts, seen = np.asarray(confusion, np.int64), np.asarray(predicted, np.int64)
    m, of_class, chances = int(seen.sum()), counts.sum(axis=0), rates(counts)
    shares, accuracy = [], []
    for _ in range(DRAWS):
        again = np.stack([rng.multinomial(of_class[k], chances[:, k]) for k in range(len(seen))], axis=1)
        shares.append(corrected_shares(again, rng.multinomial(m, seen / max(m, 1))))
        accuracy.append(accuracy_of_shares(again, shares[-1]))
    return np.array(shares), np.array(accuracy)


def accuracy_of_shares(confusion: NDArray[Any], shares: NDArray[Any]) -> float:
    """Of classes that come in other shares ``(K,)`` and are recognised as held-out rows were.

    >>> accuracy_of_shares(np.array([[8, 5], [2, 5]]), np.array([0.5, 0.5]))
    0.65
    """
    return float(np.diag(rates(confusion)) @ np.asarray(shares, np.float64))


def bounds(drawn: NDArray[Any]) -> tuple[Floats, Floats]:
    """95 % of ``(DRAWS, ...)`` values, with equal tails."""
    low, high = np.percentile(np.asarray(drawn), [TAIL, 100 - TAIL], axis=0)
    return np.asarray(low), np.asarray(high)


def why_not(confusion: NDArray[Any]) -> str:
    """Why shares cannot be told from predictions; empty where they can."""
    smallest = float(np.linalg.svd(rates(confusion), compute_uv=False)[-1])
    if smallest < WEAKEST:
        return "some classes are predicted alike, so that predictions do not say which of them came"
    return ""
