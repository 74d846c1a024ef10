r"""Multinomial logistic regression with an L1 penalty on standardised features.

.. math:: \min_{W, b} \; \sum_i w_i \bigl(\log \sum_k e^{z_{ik}} - z_{i y_i}\bigr) + \lambda \lVert W \rVert_1,
          \qquad z_i = W x_i + b, \quad \sum_i w_i = 1.

FISTA (Beck & Teboulle, SIAM J. Imaging Sciences 2009) with restart where the objective would rise (O'Donoghue & Candès,
Foundations of Computational Mathematics 2015); the step is the reciprocal of the largest curvature that the loss can
have. Few features have a weight, so it is solved on those alone, and the features whose gradient then exceeds the
penalty join, until none does: the conditions of the optimum (as glmnet does; Tibshirani et al., JRSS B 2012).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Floats

ITERATIONS = 500  # at most, each time that features join
JOININGS = 20  # at most
BEYOND = 1e-3  # by which a gradient must exceed the penalty for its feature to join
POWER_STEPS = 30  # of the power iteration for the largest curvature
SAFETY = 1.05  # on that curvature, which the power iteration finds from below


@dataclass(frozen=True)
class _Problem:
    """``x`` ``(n, d)``, ``right`` ``(n, K)`` of 0 and 1, ``share`` ``(n,)`` weights that add up to 1, the penalty."""

    x: Floats
    right: Floats
    share: Floats
    strength: float

    def residuals(self, weight: Floats, bias: Floats) -> Floats:
        """``(n, K)`` weighted probabilities minus what is right."""
        return np.asarray((_softmax(self.x @ weight.T + bias) - self.right) * self.share[:, None])

    def objective(self, weight: Floats, bias: Floats) -> float:
        z = self.x @ weight.T + bias
        top = z.max(axis=1)
        losses = top + np.log(np.exp(z - top[:, None]).sum(axis=1)) - (z * self.right).sum(axis=1)
        return float(self.share @ losses + self.strength * np.abs(weight).sum())

    def of(self, features: NDArray[np.bool_]) -> _Problem:
        """On some of the features."""
        return _Problem(self.x[:, features], self.right, self.share, self.strength)


def solve_l1(
    x: Floats,
    classes: NDArray[np.int64],
    width: int,
    weights: Floats,
    strength: float,
    start: tuple[Floats, Floats] | None = None,
    tolerance: float = 1e-5,
) -> tuple[Floats, Floats]:
    """Weights ``(K, D)`` and intercepts ``(K,)`` for standardised features.

    Args:
        x: ``(n, D)`` standardised.
        classes: ``(n,)`` in 0..K-1.
        width: K.
        weights: ``(n,)``, 0 or more, some above 0; only their ratios count.
        strength: lambda.
        start: Where to begin: the solution at a stronger penalty; without one, weights 0 and the shares of classes.
        tolerance: Of the relative change of the objective at which it ends.
    """
    right = np.asarray(classes[:, None] == np.arange(width), dtype=np.float64)
    whole = _Problem(np.asarray(x, dtype=np.float64), right, weights / weights.sum(), strength)
    if start is None:
        priors = np.maximum(whole.share @ right, 1e-6)  # a class without rows becomes improbable, not impossible
        start = np.zeros((width, x.shape[1])), np.log(priors / priors.sum())
    weight, bias = start
    active = (weight != 0).any(axis=0)
    for _ in range(JOININGS):
        gradient = np.abs(whole.residuals(weight, bias).T @ whole.x).max(axis=0)
        joining = (gradient > strength * (1 + BEYOND)) & ~active
        if active.any() and not joining.any():
            break
        active |= joining
        inner, bias = _fista(whole.of(active), weight[:, active], bias, tolerance)
        weight = np.zeros_like(weight)
        weight[:, active] = inner
        if not active.any():
            break
    return weight, bias


def _fista(problem: _Problem, weight: Floats, bias: Floats, tolerance: float) -> tuple[Floats, Floats]:
    step = 1 / (SAFETY * 0.5 * _largest_curvature(problem.x, problem.share))
    ahead_w, ahead_b, momentum = weight, bias, 1.0
    last = problem.objective(weight, bias)
    for _ in range(ITERATIONS):
        residuals = problem.residuals(ahead_w, ahead_b)
        moved = ahead_w - step * (residuals.T @ problem.x)
        new_w = np.sign(moved) * np.maximum(np.abs(moved) - step * problem.strength, 0)
        new_b = ahead_b - step * residuals.sum(axis=0)
        now = problem.objective(new_w, new_b)
        if now > last:
            if momentum == 1.0:  # a plain step can no longer lower it: rounding
                break
            ahead_w, ahead_b, momentum = weight, bias, 1.0
            continue
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        push = (momentum - 1) / following
        ahead_w, ahead_b = new_w + push * (new_w - weight), new_b + push * (new_b - bias)
        weight, bias, momentum = new_w, new_b, following
        if last - now <= tolerance * max(last, 1e-12):
            break
        last = now
    return weight, bias


def _softmax(z: Floats) -> Floats:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True))


def _largest_curvature(x: Floats, share: Floats) -> float:
    """Largest eigenvalue of the second moment of the features and a constant 1."""
    v, c, size = np.full(x.shape[1], 1.0), 1.0, 1.0
    v += np.linspace(0, 1, x.shape[1])  # no feature's direction is left out by symmetry
    for _ in range(POWER_STEPS):
        along = (x @ v + c) * share
        v, c = x.T @ along, float(along.sum())
        size = float(np.sqrt(v @ v + c * c))
        v, c = v / size, c / size
    return max(size, 1.0)
