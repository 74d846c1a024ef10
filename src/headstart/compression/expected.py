"""What each of many ways loses once chance is taken out, so that the luckiest of them is not taken for the best."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FEWEST = 4  # ways, below which there is nothing to learn from the others
FAR = 10.0  # points lost, above which a way tells nothing of those that are in question
SPREADS = np.concatenate([[0.0], np.geomspace(0.05, 20.0, 40)])  # points, of ways about the line
SMALLEST = 1e-6  # points squared, that a variance is at least


def expected_losses(lost: Floats, speedups: Floats) -> Floats:
    """``(K,)`` points that ways are expected to lose on other rows.

    A few hundred rows tell a way's own loss with an error of a point or more, so that the best of a dozen is mostly
    the luckiest. But ways are alike: they lose the more the faster they are, along a line about which they differ by a
    spread that is read off them by maximum likelihood. What lies off the line by no more than its error explains moves
    towards it. Empirical Bayes: Efron & Morris, JASA 70, 1975; Morris, JASA 78, 1983.

    Args:
        lost: ``(K, n)`` points that each way loses on each row against the model as it is; NaN where it was not judged.
        speedups: ``(K,)`` times as fast as the model as it is.
    """
    known = np.isfinite(lost)
    counts = known.sum(axis=1)
    means = np.asarray(np.where(known, lost, 0.0).sum(axis=1) / counts, np.float64)
    near = means <= FAR
    if near.sum() < FEWEST:
        return means
    squares = np.where(known, (lost - means[:, None]) ** 2, 0.0).sum(axis=1)
    errors, line = squares[near] / counts[near] ** 2, np.log(speedups[near])
    found = means.copy()
    found[near] = _moved(means[near], errors, line)
    return found


def _moved(means: Floats, errors: Floats, line: Floats) -> Floats:
    """Towards the line at the likeliest spread, by the share of the error's variance."""
    spread = max(SPREADS, key=lambda each: _likelihood(means, errors + each**2 + SMALLEST, line))
    kept = (spread**2 + SMALLEST) / (errors + spread**2 + SMALLEST)
    middle = _middle(means, errors + spread**2 + SMALLEST, line)
    return np.asarray(middle + kept * (means - middle))


def _likelihood(means: Floats, variances: Floats, line: Floats) -> float:
    rest = means - _middle(means, variances, line)
    return float(-np.log(variances).sum() - (rest**2 / variances).sum())


def _middle(means: Floats, variances: Floats, line: Floats) -> Floats:
    """Of the weighted least squares line."""
    columns = np.stack([np.ones_like(line), line], axis=1) / np.sqrt(variances)[:, None]
    slope, *_ = np.linalg.lstsq(columns, means / np.sqrt(variances), rcond=None)
    return np.asarray(slope[0] + slope[1] * line, np.float64)
