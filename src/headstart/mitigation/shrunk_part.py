"""Linear models of some rows with features shrunk along directions, at several strengths and penalties.

What all of them share is prepared once. Few rows span few directions: the penalty is the same in every orthonormal
basis, so the problem is solved in one of what the rows span, in which the optimum lies. Nothing is standardised again,
since that would undo the shrinking: the features are centred, and what shrinks them is linear, so they stay centred.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Floats, Targets
from headstart.mitigation.cells import Cells
from headstart.mitigation.directions import Directions, directions_of
from headstart.mitigation.standard import standard

Model = tuple[Floats, Floats]  # weights (W, D) and intercepts (W,)
SPARE = 2  # features for each row, from which on the rows' own basis is worth finding


Place = tuple[float, int]  # a strength, and the number of a penalty


class Solver(Protocol):
    """Models of centred features ``(n, d)``."""

    def path(self, shrinkages: Sequence[float], penalties: Sequence[float]) -> Iterator[tuple[Place, Model]]:
        """At every strength and penalty, weights ``(W, d)`` and intercepts ``(W,)``."""


@dataclass(frozen=True)
class ShrunkPart:
    """The rows that a model learns from.

    Attributes:
        solver: In the coordinates that it is solved in, d of them.
        directions: How many features are shrunk along.
        turn: ``(D, d)`` from standardised features to these; None: they are the same.
        mean, inverse: ``(D,)`` that features are standardised by.
    """

    solver: Solver
    directions: int
    turn: Floats | None
    mean: Floats
    inverse: Floats

    @classmethod
    def of(
        cls, features: Floats, targets: Targets, cells: Cells, weights: Floats, least_spread: float, tolerance: float
    ) -> ShrunkPart:
        """Of the rows that weigh something.

        Args:
            features: ``(N, D)``.
            targets: Of the N rows.
            cells: Each group's rows of each class.
            weights: ``(N,)``.
            least_spread: As the linear probe's.
            tolerance: Of each convex problem, in nats per row.
        """
        mean, inverse = standard(features, weights, least_spread)
        rows: NDArray[np.int64] = np.flatnonzero(weights)
        x = (np.asarray(features)[rows] - mean) * inverse
        own, there = weights[rows], targets.take(rows)
        directions, turn = directions_of(x, replace(cells, code=cells.code[rows]), own), None
        if SPARE * len(x) <= x.shape[1]:
            turn = np.linalg.qr(x.T)[0]
            x, directions = x @ turn, directions.turned(turn)
        kind = _Squares if targets.kind == "real" else _Logistic
        return cls(kind(x, there, own, directions, tolerance), len(directions.sizes), turn, mean, inverse)

    def path(self, shrinkages: Sequence[float], penalties: Sequence[float]) -> Iterator[tuple[Place, Model]]:
        """A model for raw features at every strength and penalty."""
        for place, (weight, bias) in self.solver.path(shrinkages, penalties):
            weight = (weight if self.turn is None else weight @ self.turn.T) * self.inverse
            yield place, (weight, bias - weight @ self.mean)


class _Logistic:
    """Classes, grades and labels, each from the model at the strength before, or at the penalty before."""

    def __init__(self, x: Floats, targets: Targets, weights: Floats, directions: Directions, tolerance: float) -> None:
        from headstart.methods.probe_logistic import logistic_targets

        self.x, self.targets, self.tolerance = x.astype(np.float32), logistic_targets(targets), tolerance
        self.weights, self.width, self.directions = weights, targets.width, directions
        self.along = self.x @ directions.basis.astype(np.float32)

    def path(self, shrinkages: Sequence[float], penalties: Sequence[float]) -> Iterator[tuple[Place, Model]]:
        import torch

        from headstart.methods.logistic_problems import Coefficients, Problems
        from headstart.methods.logistic_regression import nearer, solve

        near: dict[int, Coefficients] = {}
        for shrinkage in shrinkages:
            shrunk = self.directions.shrunk(self.x, shrinkage, self.along)
            problems = Problems.as_they_are(torch.from_numpy(shrunk), self.targets, torch.from_numpy(self.weights))
            for number, penalty in enumerate(penalties):
                alpha, start = torch.full((len(problems),), penalty, dtype=torch.float64), problems.zeros()
                if (given := near.get(number, near.get(number - 1))) is not None:
                    start = nearer(problems, alpha, given)
                near[number] = solve(problems, alpha, start, self.tolerance).coefficients
                weight = near[number].weight.double().flatten(0, 1).numpy()  # of labels (W, 1, d), else (1, W, d)
                bias = near[number].bias.double().flatten().numpy()
                yield (shrinkage, number), (self.directions.shrunk(weight, shrinkage), bias)


class _Squares:
    r"""Numbers: with C the features' products, c those with the response and B the directions, of sizes s,

    .. math:: w = (C + \alpha (I + \gamma B \operatorname{diag}(s) B^\top))^{-1} c

    which Woodbury's identity gives for every :math:`\gamma`, infinity too, from one :math:`(C + \alpha I)^{-1} [c, B]`.
    """

    def __init__(self, x: Floats, targets: Targets, weights: Floats, directions: Directions, tolerance: float) -> None:
        response = np.asarray(targets.values, np.float64)
        self.bias = np.array([np.average(response, weights=weights)])
        weighted = x.T * weights
        self.products, self.sums = weighted @ x, weighted @ (response - self.bias)
        self.directions = directions

    def path(self, shrinkages: Sequence[float], penalties: Sequence[float]) -> Iterator[tuple[Place, Model]]:
        basis, sizes = self.directions.basis, self.directions.sizes
        for number, penalty in enumerate(penalties):
            known = np.column_stack([self.sums, basis])
            solved = np.linalg.solve(self.products + penalty * np.eye(len(known)), known)
            plain, along = solved[:, 0], solved[:, 1:]
            within, out = basis.T @ along, basis.T @ plain
            for shrinkage in shrinkages:
                if np.isfinite(shrinkage):
                    scale = penalty * shrinkage * sizes
                    off = scale * np.linalg.solve(np.eye(len(sizes)) + within * scale, out)
                else:
                    off = np.linalg.solve(within, out)
                yield (shrinkage, number), ((plain - along @ off)[None], self.bias)
