"""Intervals of a proportion, and of the difference of two proportions measured on the same examples."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headstart.evaluation.intervals import LEVEL

Floats = NDArray[np.float64]
TAIL = (1 - LEVEL) / 2
HALVINGS = 52  # bisection steps: from a width of 2 to the resolution of float64


def clopper_pearson(successes: ArrayLike, trials: ArrayLike, tail: float = TAIL) -> tuple[Floats, Floats]:
    """The exact interval of a proportion: at least 95 % coverage at every rate and every n.

    Clopper & Pearson, Biometrika 1934. Real-valued counts are allowed, as an effective sample size needs them
    (Korn & Graubard, Survey Methodology 1998).

    Args:
        successes: Any shape, ``0 <= successes <= trials``.
        trials: Same shape or broadcast; 0 gives (0, 1).
        tail: What may be missed on each side; smaller where several intervals are to hold together.

    Returns:
        ``(low, high)``, fractions 0-1, in the shape of the inputs.
    """
    from scipy.special import betaincinv

    k, n = np.broadcast_arrays(np.asarray(successes, float), np.asarray(trials, float))
    tiny = 1e-12  # keeps the beta quantile's parameters positive in the cells that np.where throws away
    low = np.where(k > 0, betaincinv(np.maximum(k, tiny), np.maximum(n - k, 0) + 1, tail), 0.0)
    high = np.where(n - k > 0, betaincinv(k + 1, np.maximum(n - k, tiny), 1 - tail), 1.0)
    return low, high


def paired_difference(only_first: ArrayLike, only_second: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats]:
    r"""Score interval of :math:`\theta = p_{10} - p_{01}` for two classifiers on the same n examples.

    Tango, Statistics in Medicine 1998: the values of :math:`\theta` that a score test keeps, with the nuisance
    probability at its maximum under :math:`\theta`. No discordant example still gives a width, ``z^2 / (n + z^2)`` to
    each side. The limits are found by bisection: the statistic falls as :math:`\theta` grows.

    Args:
        only_first: Examples that only the first got right; real values are allowed for an effective n.
        only_second: Examples that only the second got right.
        n: All examples, ``>= only_first + only_second``, above 0.

    Returns:
        ``(low, high)``, in -1..1, in the shape of the inputs.
    """
    from scipy.special import ndtri

    b, c, total = np.broadcast_arrays(*(np.asarray(x, float) for x in (only_first, only_second, n)))
    z = float(ndtri(1 - TAIL))
    center = (b - c) / total
    low = _cross(b, c, total, z, np.full(center.shape, -1.0), center)
    return low, _cross(b, c, total, -z, center, np.full(center.shape, 1.0))


def _cross(b: Floats, c: Floats, n: Floats, level: float, below: Floats, above: Floats) -> Floats:
    """Where the score statistic falls through ``level`` between ``below`` and ``above``."""
    for _ in range(HALVINGS):
        middle = (below + above) / 2
        is_higher = _score(middle, b, c, n) > level
        below, above = np.where(is_higher, middle, below), np.where(is_higher, above, middle)
    return (below + above) / 2


def _score(theta: Floats, b: Floats, c: Floats, n: Floats) -> Any:
    # The nuisance probability p01 solves 2n p^2 + B p + C = 0 under theta (Tango's equation 8).
    linear = -b - c + (2 * n - b + c) * theta
    constant = -c * theta * (1 - theta)
    p01 = (np.sqrt(np.maximum(linear**2 - 8 * n * constant, 0)) - linear) / (4 * n)
    variance = n * (2 * p01 + theta * (1 - theta))
    return (b - c - n * theta) / np.sqrt(np.maximum(variance, 1e-300))
