"""Scales and leading directions of rows, factored in the smaller of their number and their width."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import DataError

Doubles = NDArray[np.float64]
LEAST_ROWS = 10  # of a domain: below, a mean is mostly chance
LEAST_SPREAD = 0.1  # of the median spread, as the linear probe standardises


def doubles(features: Any) -> Doubles:
    """A copy in float64, so that nothing that was given is changed."""
    return np.array(features, np.float64)


def require_rows(count: int, domain: str, least: int = LEAST_ROWS) -> None:
    """Raise DataError where a domain has too few rows to say what it looks like."""
    if count < least:
        raise DataError(f"it needs at least {least} examples of the {domain} domain, and there are {count}")


def require_classes(values: NDArray[Any]) -> None:
    """Raise DataError where the labelled rows are all of one class."""
    if len(np.unique(values)) < 2:
        raise DataError("it needs labelled examples of at least two classes, and all are of one")


def spreads(rows: Doubles) -> Doubles:
    """``(D,)`` standard deviations, none below a tenth of the median of those that are above 0.

    >>> spreads(np.array([[0.0, 0.0, 5.0], [2.0, 0.02, 5.0]])).round(4).tolist()
    [1.0, 0.0505, 0.0505]
    """
    found = rows.std(axis=0)
    above = found[found > 1e-12]
    least = LEAST_SPREAD * float(np.median(above)) if len(above) else 1.0
    return np.asarray(np.maximum(found, least))


def leading(rows: Doubles, count: int) -> Doubles:
    """``(D, k)`` orthonormal directions in which ``rows`` ``(n, D)`` are largest; k: ``count``, at most their rank."""
    from scipy.linalg import eigh

    n, d = rows.shape
    k = max(1, min(count, n, d))
    gram = rows @ rows.T if n < d else rows.T @ rows
    size = len(gram)
    if 4 * k > size:  # finding most of them one by one takes longer than finding all
        values, vectors = (part[..., size - k :] for part in np.linalg.eigh(gram))
    else:
        values, vectors = eigh(gram, subset_by_index=[size - k, size - 1])
    kept = values > 1e-10 * max(float(values[-1]), 1e-300)
    if not kept.any():
        raise DataError("it needs features that vary, and these do not")
    if n >= d:
        return np.asarray(vectors[:, kept])
    return np.asarray(rows.T @ (vectors[:, kept] / np.sqrt(values[kept])))
