"""Cross-validation along a path of regularisation strengths, from strong to weak, all folds at once.

The optimum moves smoothly with the logarithm of the strength, so each solve starts where equal steps along the path
lead next (last + (last - one before)); this saves four fifths of the iterations against starting at the last one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from headstart.core.errors import ConfigError
from headstart.methods.logistic_problems import Coefficients, Problems
from headstart.methods.logistic_regression import solve

CLEARLY = 2.0  # standard errors of the paired difference by which a log-loss counts as worse
PLATEAU = 1e-3  # nats per row: what a weaker strength must gain to be worth going on


@dataclass(frozen=True)
class Point:
    """One strength of the path: out-of-fold log-loss (mean and sd over rows), and how the solver fared."""

    strength: float
    log_loss: float
    sd: float
    iterations: int
    is_converged: bool


@dataclass(frozen=True)
class Path:
    """What following the path found.

    Attributes:
        points: In the order solved, strong to weak.
        best: Index of the lowest out-of-fold log-loss.
        coefficients: Of the folds at ``best``.
        logits: ``(M, W)`` at ``best``, of K classes or L labels, of the M rows that are held out once, each from the
            fold that did.
        stop: Why the path ended: "risen", "plateau" or "end".
    """

    points: tuple[Point, ...]
    best: int
    coefficients: Coefficients
    logits: Tensor
    stop: str


def follow_path(
    problems: Problems,
    fold_of_row: Tensor,
    row_weights: Tensor,
    strengths: Sequence[float],
    unit: float,
    tolerance: float,
    *,
    stop_early: bool = True,
    memory_bytes: int = 1 << 28,
) -> Path:
    """Solve the folds at each strength until the out-of-fold log-loss has clearly turned upward.

    Args:
        problems: Of the folds; where labels are learned, all labels of a fold side by side.
        fold_of_row: ``(N,)`` which problem held a row out, or -1.
        row_weights: ``(N,)`` float64 for the mean log-loss; some held-out row has more than 0.
        strengths: From strong to weak, in equal ratios; at least one.
        unit: Penalty of strength 1.
        tolerance: See :func:`solve`.
        stop_early: Whether to leave out weaker strengths once the log-loss rises or no longer falls.
        memory_bytes: Folds are solved together as far as their logits and coefficients fit here.
    """
    rows = torch.nonzero(fold_of_row >= 0)[:, 0]
    weights = row_weights[rows] / row_weights[rows].sum()
    points: list[Point] = []
    best: tuple[int, Coefficients, Tensor, Tensor] | None = None
    last, before = problems.zeros(), None
    for strength in strengths:
        start = last if before is None else last.beyond(before)
        before = last if points else None
        penalty = torch.full((len(problems),), strength * unit, dtype=torch.float64)
        last, logits, losses, fared = _solve_folds(problems, penalty, start, tolerance, fold_of_row, memory_bytes)
        logits, losses = logits[rows], losses[rows]
        mean, sd = _mean_and_sd(losses, weights)
        points.append(Point(strength, mean, sd, *fared))
        stop = "end" if best is None else _reason_to_stop(losses - best[3], weights)
        if best is None or mean < points[best[0]].log_loss:
            best = len(points) - 1, last, logits, losses
        if stop_early and stop != "end":
            return Path(tuple(points), *best[:3], stop)
    if best is None:
        raise ConfigError("the path of strengths must hold at least one; it is empty. Give one.")
    return Path(tuple(points), *best[:3], "end")


def _mean_and_sd(values: Tensor, weights: Tensor) -> tuple[float, float]:
    mean = values @ weights
    return float(mean), float(((values - mean).square() @ weights).sqrt())


def _reason_to_stop(rise: Tensor, weights: Tensor) -> str:
    """Whether weaker strengths are worth trying, from each row's log-loss above its best so far."""
    mean, sd = _mean_and_sd(rise, weights)
    if mean <= 0:
        return "plateau" if mean > -PLATEAU else "end"
    return "risen" if mean > CLEARLY * sd / len(rise) ** 0.5 else "end"


def _solve_folds(
    problems: Problems,
    penalty: Tensor,
    start: Coefficients,
    tolerance: float,
    fold_of_row: Tensor,
    memory_bytes: int,
) -> tuple[Coefficients, Tensor, Tensor, tuple[int, bool]]:
    """Coefficients of all folds, out-of-fold logits ``(N, W)`` and losses ``(N,)``, how the solver fared.

    A row's loss is the mean over the labels where there are several; the solver's account is the number of iterations
    and whether all problems converged.
    """
    n, d = problems.features.shape
    width, each = problems.present.shape[1], problems.targets.per_weighting
    together = max(1, memory_bytes // (4 * width * (4 * n + 10 * d)))  # arrays that the solver holds per problem
    logits = problems.features.new_empty(n, width * each)
    losses = torch.zeros(n, dtype=torch.float64)
    parts: list[Coefficients] = []
    iterations, is_converged = 0, True
    for first in range(0, len(problems), together):
        which = slice(first, first + together)
        solved = solve(problems[which], penalty[which], start[which], tolerance)
        of_rows = problems.targets[which].losses(solved.logits).double()
        for index in range(len(solved.logits)):
            fold, label = divmod(first + index, each)
            held_out = torch.nonzero(fold_of_row == fold)[:, 0]
            logits[held_out, label * width : (label + 1) * width] = solved.logits[index][:, held_out].T
            losses[held_out] += of_rows[index, held_out] / each
        parts.append(solved.coefficients)
        iterations = max(iterations, solved.iterations)
        is_converged = is_converged and bool(solved.is_converged.all())
    weight = torch.cat([part.weight for part in parts])
    bias = torch.cat([part.bias for part in parts])
    return Coefficients(weight, bias), logits, losses, (iterations, is_converged)
