r"""Normal clouds around class means with one covariance between them, from few rows in many dimensions.

The features are divided by their standard deviation within the classes; the covariance of what is left is shrunk
towards the identity as Ledoit & Wolf (J. Multivariate Analysis 2004) do. Of its directions the longest few are kept,
the variance of the others is averaged (Tipping & Bishop, JRSS B 1999): in the features' own scale a low-rank matrix and
a diagonal, so it takes no D x D numbers, and no row of the training data is in it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.resources import one_blas_thread
from headstart.evaluation.out_of_domain.contract import Arrays
from headstart.evaluation.transferability.h_score import shrinkage_of

Floats = NDArray[np.float64]
FEWEST = 5  # rows of a class with a mean of its own: fewer would nearly be rows of the training data
ROWS_PER_DIRECTION = 4  # a direction is kept for so many rows: what fewer hold up is noise, and nearly rows
CONSTANT = 1e-6  # of the median spread: below, a feature counts as constant and is not looked at
ROUNDING = 1e-12  # of a feature's size: below, it is the rounding of a constant one
FARTHEST = 1e50  # spreads from the middle that a feature counts as, so that squares stay finite


def fit_clouds(rows: Floats, groups: NDArray[np.int64], most_directions: int) -> dict[str, Any]:
    """Means and covariance.

    Args:
        rows: ``(N, D)`` float64.
        groups: ``(N,)`` class numbers. Classes of fewer than :data:`FEWEST` rows share a mean, or have none where even
            together they are too few; the only class has one in any case.
        most_directions: Kept at most.

    Returns:
        ``middle`` and ``per_spread`` ``(D,)`` float64, what a feature is moved and multiplied by (0 for a constant
        one); ``shares`` ``(C,)`` of the rows. After moving, float32: ``means`` ``(C, D)``; ``directions`` ``(D, r)``
        orthonormal, with ``precisions`` ``(r,)``; ``rest`` ``(1,)``, the precision of everything else.
    """
    rows, groups = _with_means(rows, groups)
    middle, count = rows.mean(axis=0), int(groups.max()) + 1
    means = np.stack([rows[groups == group].mean(axis=0) for group in range(count)])
    off = rows - means[groups]
    spread = off.std(axis=0)
    usual = float(np.median(spread[spread > 0])) if (spread > 0).any() else 1.0
    least = np.maximum(CONSTANT * usual, ROUNDING * np.abs(rows).max(axis=0))
    per_spread = np.where(spread > least, 1 / np.maximum(spread, 1e-300), 0.0)
    with one_blas_thread():
        directions, precisions, rest = _precision(off * per_spread, int((per_spread > 0).sum()), most_directions)
    small = {
        "means": (means - middle) * per_spread,
        "directions": directions,
        "precisions": precisions,
        "rest": np.array([rest]),
    }
    found = {name: np.asarray(array, dtype=np.float32) for name, array in small.items()}
    shares = np.bincount(groups) / len(groups)
    return {"middle": middle, "per_spread": per_spread, "shares": shares, **found}


def placed(arrays: Arrays, rows: Floats) -> Floats:
    """``(n, D)`` rows as the means are: from the middle, in spreads."""
    spreads = (rows - arrays["middle"]) * arrays["per_spread"]
    return np.asarray(np.clip(spreads, -FARTHEST, FARTHEST), dtype=np.float64)


def inner_products(arrays: Arrays, x: Floats, y: Floats) -> Floats:
    """``(n, m)`` products of placed rows ``(n, D)`` and ``(m, D)`` under the precision matrix."""
    directions, precisions = (np.asarray(arrays[name], dtype=np.float64) for name in ("directions", "precisions"))
    rest = float(arrays["rest"][0])
    with one_blas_thread():
        return np.asarray(rest * (x @ y.T) + (x @ directions) * (precisions - rest) @ (y @ directions).T)


def squared_lengths(arrays: Arrays, x: Floats) -> Floats:
    """``(n,)`` squared Mahalanobis distances of placed rows ``(n, D)`` from the middle, 0 or more."""
    directions, precisions = (np.asarray(arrays[name], dtype=np.float64) for name in ("directions", "precisions"))
    rest = float(arrays["rest"][0])
    with one_blas_thread():
        inside = (x @ directions) ** 2
    left = np.maximum((x**2).sum(axis=1) - inside.sum(axis=1), 0)  # rounding can leave less than nothing
    return np.asarray(rest * left + inside @ precisions, dtype=np.float64)


def squared_distances(arrays: Arrays, rows: Floats) -> Floats:
    """``(n, C)`` squared Mahalanobis distances of ``(n, D)`` rows from every mean, 0 or more."""
    x, means = placed(arrays, rows), np.asarray(arrays["means"], dtype=np.float64)
    if len(means) == 1:
        return squared_lengths(arrays, x - means[0])[:, None]
    both = squared_lengths(arrays, x)[:, None] + squared_lengths(arrays, means)
    return np.maximum(both - 2 * inner_products(arrays, x, means), 0)  # rounding can leave less than nothing


def _with_means(rows: Floats, groups: NDArray[np.int64]) -> tuple[Floats, NDArray[np.int64]]:
    """The rows whose class gets a mean, and its number from 0; rare classes together are one."""
    counts = np.bincount(groups)
    is_rare = counts[groups] < FEWEST
    if is_rare.all():
        return rows, np.zeros(len(rows), np.int64)
    joined = np.where(is_rare, len(counts), groups)
    kept = ~is_rare if is_rare.sum() < FEWEST else np.ones(len(rows), bool)
    return rows[kept], np.unique(joined[kept], return_inverse=True)[1].astype(np.int64)


def _precision(off: Floats, dimensions: int, most: int) -> tuple[Floats, Floats, float]:
    """Directions ``(D, r)``, their precisions, and that of the rest, of rows around their means."""
    n, width = off.shape
    lengths = (off**2).sum(axis=1)
    mean = float(lengths.sum()) / n / max(dimensions, 1)
    if mean == 0:
        return np.zeros((width, 0)), np.zeros(0), 1.0
    directions, variances, square = _longest(off, min(most, max(n // ROWS_PER_DIRECTION, 1)))
    alpha = shrinkage_of(lengths, square, mean * dimensions, dimensions)
    floor = 1e-6 * mean  # where rows lie in a plane exactly, leaving it is a million variances off, not infinitely many
    left = max(mean * dimensions - float(variances.sum()), 0.0) / max(dimensions - len(variances), 1)
    kept, rest = ((1 - alpha) * each + alpha * mean for each in (variances, np.array([left])))
    return directions, 1 / np.maximum(kept, floor), float(1 / np.maximum(rest, floor)[0])


def _longest(off: Floats, count: int) -> tuple[Floats, Floats, float]:
    """Principal directions ``(D, r)``, r at most ``count``, their variances, and the sum of all variances squared.

    The others are not looked for, which halves the time: 0.2 s for 1280 dimensions on one core.
    """
    from scipy.linalg import eigh

    n, width = off.shape
    is_wide = n < width
    gram = off @ off.T if is_wide else off.T @ off
    order = len(gram)
    values, vectors = eigh(gram, subset_by_index=[max(order - count, 0), order - 1])
    values, vectors = values[::-1], vectors[:, ::-1]
    kept = values > max(n, width) * np.finfo(np.float64).eps * values[0]
    values, vectors = values[kept], vectors[:, kept]
    directions = off.T @ vectors / np.sqrt(values) if is_wide else vectors
    return np.asarray(directions), values / n, float((gram**2).sum()) / n**2
