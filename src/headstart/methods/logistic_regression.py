r"""Logistic regression of classes or labels: several problems on the same features at once, solved to the optimum.

Problem f of F has row weights :math:`w_{fi}` and a penalty :math:`\alpha_f`; it minimises over W ``(K, D)``, b ``(K,)``

.. math:: \sum_i w_{fi} \bigl(\log \sum_k e^{z_{ik}} - z_{i y_i}\bigr) + \tfrac{\alpha_f}{2} \lVert W \rVert^2,
          \qquad z_i = W x_i + b,

where x is standardised with the mean and spread of the problem's own rows. A label is a problem with K = 1, whose
rows lose :math:`\log(1 + e^{z_i}) - y_i z_i`.

The convex problem is solved by preconditioned nonlinear conjugate gradients (Polak-Ribière with restart; Nocedal &
Wright, Numerical Optimization, 2006, ch. 5) with two properties of this loss put to use:

- Logits are linear in the parameters. Once a direction's logits are known, a Newton step along it needs no matrix
  product, so one evaluation an iteration suffices.
- Class k bends the loss where its probability p is undecided, with mass :math:`h = \sum_i w_i p_i (1 - p_i)`. Seen
  from the centre of those rows its intercept and weights decouple; about it, the features are taken to vary as they
  do over all rows, so the preconditioner is a shift, a scale and a correction in a few leading directions.

Two classes are solved like any other number: :math:`w_1 = -w_0`, so one penalty here equals twice that on the
single row ``w_1 - w_0`` that other programs keep (scikit-learn's ``C`` is ``2 / penalty``, else ``1 / penalty``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from headstart.methods.logistic_problems import Coefficients, Problems

LEAST_CURVATURE = 1e-6  # keeps the preconditioner finite for a class that no row is undecided about
SLOPE_LEFT = 0.5  # a step is taken once the slope along the direction has fallen to this share
MAX_TRIALS = 10
CHUNK = 1 << 17  # values per elementwise operation, so that they stay in the processor's cache


@dataclass(frozen=True)
class Solved:
    """What :func:`solve` returns for F problems.

    Attributes:
        coefficients: The optimum.
        logits: ``(F, K, N)`` of all rows, held-out ones included.
        iterations: How many were needed by the slowest problem.
        gap: ``(F,)`` estimated distance to the optimum in nats per unit of weight.
        is_converged: ``(F,)`` whether ``gap`` is within the tolerance.
    """

    coefficients: Coefficients
    logits: Tensor
    iterations: int
    gap: Tensor
    is_converged: Tensor


def solve(
    problems: Problems, penalty: Tensor, start: Coefficients, tolerance: float, max_iterations: int = 300
) -> Solved:
    """Minimise the F problems from ``start`` until each is estimated to be within ``tolerance`` nats per row.

    Args:
        problems: The data.
        penalty: ``(F,)``, above 0, against the summed loss: twice the rows, half its influence.
        start: Where to begin; the nearer the fewer iterations.
        tolerance: Of the estimated distance of the objective to its minimum, divided by the sum of weights.
        max_iterations: Problems that need more are returned as they are, ``is_converged`` False.
    """
    descent = _Descent(problems, penalty.to(problems.features), start)
    for iterations in range(max_iterations + 1):
        gap = descent.gap()
        open_ = gap > tolerance
        if iterations == max_iterations or not bool(open_.any()):
            break
        descent.iterate(open_)
    bias, logits = descent.bias, descent.logits
    if not bool(problems.present.all()):
        bias = torch.where(problems.present, bias, problems.targets.doubtful(logits, problems.weights))
        logits.add_((bias - descent.bias)[:, :, None])
    return Solved(Coefficients(descent.weight, bias), logits, iterations, gap, gap <= tolerance)


def objective(problems: Problems, penalty: Tensor, coefficients: Coefficients, logits: Tensor) -> Tensor:
    """``(F,)`` float64: the minimised sum, for comparing solutions."""
    loss = problems.targets.losses(logits).double() * problems.weights
    return loss.sum(1) + penalty.double() / 2 * coefficients.weight.double().square().sum((1, 2))


def nearer(problems: Problems, penalty: Tensor, start: Coefficients) -> Coefficients:
    """Of each problem ``start``, or 0 where its objective is lower there: from far away a descent may not end."""
    zeros = problems.zeros()
    with_start, without = (
        objective(problems, penalty, each, problems.logits(each.weight, each.bias)) for each in (start, zeros)
    )
    taken = with_start < without
    return Coefficients(
        torch.where(taken[:, None, None], start.weight, zeros.weight),
        torch.where(taken[:, None], start.bias, zeros.bias),
    )


class _Descent:
    """The state of F problems on their way down."""

    def __init__(self, problems: Problems, penalty: Tensor, start: Coefficients) -> None:
        self.problems = problems
        self.penalty = penalty
        self.total = problems.weights.sum(1)
        self.weight = start.weight.clone()
        self.bias = torch.where(problems.present, start.bias, problems.targets.prior(problems.weights))
        self.logits = problems.logits(self.weight, self.bias)
        self.probabilities = torch.empty_like(self.logits)
        self._put_probabilities(self.logits, torch.zeros_like(penalty))
        self._measure_curvature()
        self.gradient = self._gradient()
        self.preconditioned = self._precondition(*self.gradient)
        self.decrease = _dot(self.gradient, self.preconditioned)
        self.direction = (-self.preconditioned[0], -self.preconditioned[1])

    def gap(self) -> Tensor:
        """Half the squared gradient in the metric of the curvature: what a Newton step would still gain."""
        return self.decrease / (2 * self.total)

    def iterate(self, open_: Tensor) -> None:
        """One step of all problems that are ``open_`` ``(F,)``; the others stay where they are."""
        on = open_.to(self.weight.dtype)
        downhill = -_dot(self.gradient, self.direction) > 0
        on_way = (on * downhill)[:, None], (on * ~downhill)[:, None]
        # a direction that rounding has turned uphill starts anew as the steepest one
        weight = on_way[0][..., None] * self.direction[0] - on_way[1][..., None] * self.preconditioned[0]
        bias = on_way[0] * self.direction[1] - on_way[1] * self.preconditioned[1]
        step = self._search(weight, bias, open_)
        self.weight += step[:, None, None] * weight
        self.bias += step[:, None] * bias
        before, decrease = self.gradient, self.decrease
        self.gradient = self._gradient()
        self.preconditioned = self._precondition(*self.gradient)
        self.decrease = _dot(self.gradient, self.preconditioned)
        turn = (self.decrease - _dot(before, self.preconditioned)) / decrease.clamp_min(1e-30)
        turn = turn.clamp_min(0)
        self.direction = (
            turn[:, None, None] * weight - self.preconditioned[0],
            turn[:, None] * bias - self.preconditioned[1],
        )

    def _search(self, weight: Tensor, bias: Tensor, open_: Tensor) -> Tensor:
        """Step lengths ``(F,)`` by Newton's method in one dimension, kept inside a bracket; logits follow."""
        change = self.problems.logits(weight, bias)
        own = self.problems.targets.own(change)
        along = self.penalty * (self.weight * weight).sum((1, 2)) - (own * self.problems.weights).sum(1)
        bend = self.penalty * weight.square().sum((1, 2))
        slope = _dot(self.gradient, (weight, bias))
        step = torch.where(open_, -slope / self._curvature_along(change, bend), 0)
        low, high = torch.zeros_like(step), torch.full_like(step, torch.inf)
        for _ in range(MAX_TRIALS):
            self._put_probabilities(change, step)
            now = self._mean_along(change) + along + step * bend
            settled = (now.abs() <= SLOPE_LEFT * slope.abs()) | ~open_
            if bool(settled.all()):
                break
            low, high = torch.where(now < 0, step, low), torch.where(now < 0, high, step)
            newton = torch.minimum(step - now / self._curvature_along(change, bend), 4 * step)
            middle = torch.where(high.isinf(), 2 * step, (low + high) / 2)
            step = torch.where(settled, step, torch.where((newton > low) & (newton < high), newton, middle))
        else:
            self._put_probabilities(change, step)
        self.logits.add_(change.mul_(step[:, None, None]))
        return step

    def _chunks(self) -> Iterator[slice]:
        f, k, n = self.logits.shape
        rows = max(1, CHUNK // (f * k))
        for start in range(0, n, rows):
            yield slice(start, start + rows)

    def _put_probabilities(self, change: Tensor, step: Tensor) -> None:
        """Probabilities of ``logits + step * change`` into ``probabilities``."""
        for rows in self._chunks():
            values = torch.addcmul(self.logits[..., rows], change[..., rows], step[:, None, None])
            self.problems.targets.to_probabilities(values, self.probabilities[..., rows])

    def _mean_along(self, change: Tensor) -> Tensor:
        """Weighted sum over rows of the mean of ``change`` under the probabilities, ``(F,)``."""
        total = torch.zeros_like(self.total)
        for rows in self._chunks():
            middle = (self.probabilities[..., rows] * change[..., rows]).sum(1)
            total += (middle * self.problems.weights[:, rows]).sum(1)
        return total

    def _curvature_along(self, change: Tensor, bend: Tensor) -> Tensor:
        """Weighted sum over rows of the variance of ``change`` under the probabilities, and the penalty's ``bend``."""
        total = bend.clone()
        for rows in self._chunks():
            weighted = self.probabilities[..., rows] * change[..., rows]
            middle = weighted.sum(1)
            variance = weighted.mul_(change[..., rows]).sum(1) - middle.square_()
            total += (variance * self.problems.weights[:, rows]).sum(1)
        return total.clamp_min_(1e-30)

    def _gradient(self) -> tuple[Tensor, Tensor]:
        residuals = self.probabilities.clone()
        self.problems.targets.subtract(residuals)
        residuals *= self.problems.weights[:, None]
        weight = self.problems.transposed(residuals).add_(self.penalty[:, None, None] * self.weight)
        return weight, residuals.sum(2)

    def _measure_curvature(self) -> None:
        """Mass, centre and mean square spread of the rows that each class is undecided about."""
        undecided = (1 - self.probabilities).mul_(self.probabilities).mul_(self.problems.weights[:, None])
        self.mass = undecided.sum(2).clamp_min_(LEAST_CURVATURE)
        f, k, n = undecided.shape
        features = self.problems.features
        centre = (undecided.view(f * k, n) @ features).view(f, k, -1).div_(self.mass[:, :, None])
        squares = (undecided @ self.problems.squares) / self.mass
        spread = (squares - centre.square().sum(2)) / features.shape[1]
        self.centre = centre.mul_(self.problems.scale).sub_(self.problems.shift)
        spectrum = self.problems.spectrum
        bend = self.mass * spread.clamp_min_(LEAST_CURVATURE) / max(spectrum.mean, LEAST_CURVATURE)
        penalty = self.penalty[:, None, None]
        self.elsewhere = 1 / (bend[:, :, None] * spectrum.rest + penalty)
        self.correction = 1 / (bend[:, :, None] * spectrum.values + penalty) - self.elsewhere

    def _precondition(self, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        """The inverse of the modelled curvature times a gradient."""
        about_centre = torch.addcmul(weight, self.centre, bias[:, :, None], value=-1)
        f, k, d = weight.shape
        directions = self.problems.spectrum.directions
        along = (about_centre.view(f * k, d) @ directions).view(f, k, -1).mul_(self.correction)
        step = about_centre.mul_(self.elsewhere)
        step += (along.view(f * k, -1) @ directions.T).view(f, k, d)
        return step, bias / self.mass - (step * self.centre).sum(2)


def _dot(a: tuple[Tensor, Tensor], b: tuple[Tensor, Tensor]) -> Tensor:
    return (a[0] * b[0]).sum((1, 2)) + (a[1] * b[1]).sum(1)
