"""Predictions taken for labels: which, and how much they weigh."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Floats, Ints

LEAST_SHARE = 0.1  # of a row's label; below, a class is left out of it


def surest(probabilities: Floats, share: float) -> tuple[NDArray[np.bool_], Ints]:
    """Which rows are taken, ``(m,)``, and as what, ``(m,)``: of each predicted class the ``share`` it is surest of.

    Probabilities are divided by the one that the class must have for that, so that a class the model is never very sure
    of is not driven out by the others (Zou et al. 2018, eq. 5); a row may then be taken as its second class.

    >>> surest(np.array([[0.9, 0.1], [0.8, 0.2], [0.4, 0.6]]), 0.5)
    (array([ True, False,  True]), array([0, 0, 1]))
    """
    first = probabilities.argmax(axis=1)
    needed = np.ones(probabilities.shape[1])
    for label in np.unique(first):
        own = np.sort(probabilities[first == label, label])[::-1]
        needed[label] = own[max(1, int(np.ceil(share * len(own)))) - 1]
    relative = probabilities / needed
    return relative.max(axis=1) >= 1.0, np.asarray(relative.argmax(axis=1), np.int64)


def as_weighted_rows(shares: Floats) -> tuple[Ints, Ints, Floats]:
    """Soft labels ``(m, K)`` as rows that repeat: position, class and weight ``(r,)``; weights of one row sum to 1.

    >>> as_weighted_rows(np.array([[0.75, 0.25, 0.0], [0.05, 0.0, 0.95]]))
    (array([0, 0, 1]), array([0, 1, 2]), array([0.75, 0.25, 1.  ]))
    """
    kept = np.where(shares >= np.minimum(LEAST_SHARE, shares.max(axis=1, keepdims=True)), shares, 0.0)
    kept = kept / kept.sum(axis=1, keepdims=True)
    rows, labels = np.nonzero(kept)
    return rows, labels, np.asarray(kept[rows, labels])


def joined(*parts: Any) -> Any:
    """Rows one below the other, dense or sparse."""
    from scipy import sparse

    if any(sparse.issparse(each) for each in parts):
        return sparse.vstack(parts, format="csr")
    return np.concatenate(parts)
