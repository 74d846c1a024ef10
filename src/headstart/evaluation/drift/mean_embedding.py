r"""Maximum mean discrepancy from sums of random Fourier features, so that no example has to be kept.

Gretton et al., JMLR 13, 2012: the distance of two means in the space of a kernel. With :math:`R` random cosines
(Rahimi & Recht, NeurIPS 2007) a sample's mean is :math:`R` numbers, and samples are added up by adding sums. If both
samples come from one distribution, the squared distance over :math:`1/n + 1/m` is nearly a sum of chi-squares weighted
by the eigenvalues of the covariance of the cosines, whose tail is Imhof's integral (Biometrika 1961).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError

Floats = NDArray[np.float64]
PAIRS = 2000  # whose distances give the width of the kernel
COMMON = 0.05  # p-value above which an upper limit of it is enough
SMALLEST = 1e-9  # of the largest eigenvalue: below, it is rounding
MANY, STEPS, STEPS_OF_MANY = 8, 20_000, 4_000  # of the integral, which ends sooner for many weights


def learn_cosines(rows: NDArray[Any], count: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Frequencies ``(D, R)`` and phases ``(R,)`` of a Gaussian kernel as wide as the median distance of ``(N, D)``."""
    if rows.ndim != 2 or len(rows) < 2:
        raise ShapeError(f"rows must be (N, D) with N of 2 or more; got {rows.shape}.")
    first, second = rng.integers(0, len(rows), (2, PAIRS))
    apart = np.sqrt(((rows[first] - rows[second]) ** 2).sum(axis=1))
    width = float(np.median(apart[apart > 0])) if (apart > 0).any() else 1.0
    return rng.standard_normal((rows.shape[1], count)) / width, rng.uniform(0, 2 * np.pi, count)


def cosines(rows: NDArray[Any], frequencies: NDArray[Any], phases: NDArray[Any]) -> Floats:
    """``(N, R)`` features whose inner products are nearly the kernel: their squared length is about 1."""
    return np.asarray(np.sqrt(2 / len(phases)) * np.cos(rows @ frequencies + phases), dtype=np.float64)


def discrepancy(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Distance of two means ``(R,)``, 0 to about 1.4."""
    return float(np.linalg.norm(np.asarray(first, np.float64) - np.asarray(second, np.float64)))


def discrepancy_p(distance: float, covariance: NDArray[Any], n: int, m: int, allowed: float = 0.0) -> float:
    """p-value of a distance under "the means are at most ``allowed`` apart".

    Args:
        distance: Of :func:`discrepancy`.
        covariance: ``(R, R)`` of the features of single examples.
        n: Examples in the first mean.
        m: Examples in the second.
        allowed: Distance that is no alarm; where x of 100 examples are exchanged for very different ones, the means
            move by less than 1.42 x / 100.
    """
    beyond = max(distance - allowed, 0.0)
    if not n or not m or beyond == 0:
        return 1.0
    weights = np.linalg.eigvalsh(np.asarray(covariance, np.float64))
    weights = weights[weights > SMALLEST * max(weights[-1], 0.0)]
    if not len(weights):
        return 1.0
    return chi_squares_tail(beyond**2 / (1 / n + 1 / m), weights, exact_below=COMMON)


def chi_squares_tail(value: float, weights: NDArray[Any], exact_below: float = 1.0) -> float:
    r""":math:`P(\sum_k w_k Z_k^2 > value)` of independent standard normals, ``weights`` ``(k,)`` above 0.

    Imhof's integral by the rule of trapezoids; right to 1e-7, and where that is more than the answer, the bound of
    Chernoff, which is never below it. Where the bound is above ``exact_below``, it is the answer: the integral takes a
    hundred times as long.
    """
    scaled = np.asarray(weights, np.float64) / float(np.max(weights))
    x = value / float(np.max(weights))
    bound = _chernoff(x, scaled)
    if bound < 1e-6 or bound > exact_below:
        return bound
    top, steps = _cut(scaled), STEPS if len(scaled) < MANY else STEPS_OF_MANY
    u = np.linspace(top / steps, top, steps)
    angles = np.arctan(scaled[:, None] * u)
    theta = angles.sum(axis=0) / 2 - x * u / 2
    rho = np.exp(np.log1p((scaled[:, None] * u) ** 2).sum(axis=0) / 4)
    at_zero = (scaled.sum() - x) / 2
    values = np.concatenate([[at_zero], np.sin(theta) / (u * rho)])
    found = 0.5 + float(np.trapezoid(values, dx=top / steps)) / np.pi
    return float(min(max(found, 1e-7), bound, 1.0))


def _chernoff(x: float, weights: Floats) -> float:
    """The least of :math:`e^{-tx} E e^{tQ}` over a grid of t."""
    t = np.linspace(0.005, 0.995, 199)[:, None] / 2  # below 1 / (2 max w)
    logs = -t[:, 0] * x - np.log1p(-2 * t * weights).sum(axis=1) / 2
    return float(min(1.0, np.exp(logs.min())))


def _cut(weights: Floats) -> float:
    """Where the integrand has become negligible."""
    u = 1.0
    while np.log1p((weights * u) ** 2).sum() / 4 + np.log(u) < np.log(1e9) and u < 1e4:
        u *= 1.5
    return u
