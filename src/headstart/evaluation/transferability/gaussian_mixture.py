"""A mixture of Gaussians with diagonal covariances, fitted by expectation maximisation from a seeded start."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def fit_responsibilities(
    rows: Floats, components: int, rng: np.random.Generator, iterations: int, tolerance: float, least_variance: float
) -> tuple[Floats, list[float]]:
    """Probability of each component given each row, after the mixture was fitted to the rows.

    The start is a hard assignment to rows drawn far from each other (:func:`far_apart`).

    Args:
        rows: ``(N, r)``, r above 0.
        components: M, the most components; fewer where fewer rows differ.
        rng: Draws the start.
        iterations: Most steps, at least 1.
        tolerance: Gain in mean log density per dimension at which it stops.
        least_variance: Lower bound of a component's variances, as a share of the rows' mean variance.

    Returns:
        ``(N, M)`` rows summing to 1, and the mean log density after each step, which never falls.
    """
    centers = far_apart(rows, components, rng)
    nearest = squared_distances(rows, centers).argmin(axis=1)
    given = (nearest[:, None] == np.arange(len(centers))).astype(np.float64)
    floor = max(least_variance * float(rows.var(axis=0).mean()), np.finfo(np.float64).tiny)
    trace: list[float] = []
    for _ in range(iterations):
        weights, means, variances = maximized(rows, given, floor)
        given, density = expected(rows, weights, means, variances)
        trace.append(density)
        if len(trace) > 1 and trace[-1] - trace[-2] < tolerance * rows.shape[1]:
            break
    return given, trace


def far_apart(rows: Floats, count: int, rng: np.random.Generator) -> Floats:
    """Up to ``count`` different rows, each drawn in proportion to its squared distance to those already drawn.

    ``(N, r)``, N above 0, to ``(M, r)``, M at most ``count``. Arthur & Vassilvitskii, k-means++, SODA 2007. Stops where
    all rows coincide with a drawn one.
    """
    chosen = [int(rng.integers(len(rows)))]
    nearest = ((rows - rows[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < count and nearest.sum() > 0:
        sums = np.cumsum(nearest)
        pick = int(np.searchsorted(sums, rng.uniform(0, sums[-1]), side="right"))
        pick = min(pick, int(np.flatnonzero(nearest)[-1]))
        chosen.append(pick)
        nearest = np.minimum(nearest, ((rows - rows[pick]) ** 2).sum(axis=1))
    return rows[chosen]


def squared_distances(rows: Floats, centers: Floats) -> Floats:
    """``(N, M)`` up to rounding, at least 0."""
    both = (rows**2).sum(axis=1)[:, None] + (centers**2).sum(axis=1) - 2 * rows @ centers.T
    return np.asarray(np.maximum(both, 0), dtype=np.float64)


def maximized(rows: Floats, given: Floats, floor: float) -> tuple[Floats, Floats, Floats]:
    """Weights ``(M,)``, means and variances ``(M, r)`` of the components, from responsibilities ``(N, M)``."""
    counts = given.sum(axis=0) + 10 * np.finfo(np.float64).eps  # a component may lose all its rows
    means = given.T @ rows / counts[:, None]
    variances = np.maximum(given.T @ rows**2 / counts[:, None] - means**2, floor)
    return counts / counts.sum(), means, variances


def expected(rows: Floats, weights: Floats, means: Floats, variances: Floats) -> tuple[Floats, float]:
    """Responsibilities ``(N, M)`` and the mean log density of the rows under the mixture."""
    from scipy.special import logsumexp

    precisions = 1 / variances
    square = rows**2 @ precisions.T - 2 * rows @ (means * precisions).T + (means**2 * precisions).sum(axis=1)
    joint = np.log(weights) - (square + np.log(2 * np.pi * variances).sum(axis=1)) / 2
    density = logsumexp(joint, axis=1)
    return np.exp(joint - density[:, None]), float(density.mean())
