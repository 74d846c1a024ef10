"""The run's own way to a head, with the strength of regularisation chosen once, on source rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.core import plugins
from headstart.core.learning import NEVER_HELD_OUT, Fitted, Floats, Ints, SolveMethod, Targets
from headstart.core.resources import one_blas_thread
from headstart.methods.linear import linear_outputs

if TYPE_CHECKING:
    from headstart.adaptation.domains import Labeled

METHODS = "methods"
PROBE = "linear_probe"
TOLERANCE = 1e-5  # nats per row: heads are compared by decisions, and many are solved
LEAST_SPREAD = 0.1
# Per feature. Separable classes may be solved best, in their own domain, with next to no penalty; a descent that ends
# at TOLERANCE is then far from the optimum, and rows of another domain, which need the margin, are mistaken.
LEAST_STRENGTH = 1e-2


@dataclass(frozen=True)
class PenaltySolver:
    """Logistic regression at one penalty, as the linear probe solves it.

    Attributes:
        penalty: As the probe reports it.
    """

    penalty: float

    def fit(self, features: Any, targets: Targets, weights: Floats | None = None) -> Fitted:
        """Weight ``(K, D)`` and bias ``(K,)`` on raw features."""
        row_weights = np.ones(len(targets)) if weights is None else np.asarray(weights, np.float64)
        (fitted,) = self.fit_each(features, targets, row_weights[None])
        return fitted

    def fit_each(self, features: Any, targets: Targets, weightings: Floats) -> list[Fitted]:
        """All weightings descend together, so that the features are gone through once for all of them."""
        from headstart.methods.fixed_penalty import solve_at_penalty
        from headstart.methods.threads import torch_threads

        with one_blas_thread(), torch_threads(1):
            weight, bias = solve_at_penalty(
                np.asarray(features, np.float32), targets, weightings, self.penalty, LEAST_SPREAD, TOLERANCE
            )
        heads = zip(weight.astype(np.float32), bias.astype(np.float32), strict=True)
        return [Fitted({"weight": w, "bias": b}, {"method": PROBE, "form": "linear"}) for w, b in heads]

    def outputs(self, fitted: Fitted, features: Any) -> Floats:
        """``(n, K)``."""
        return linear_outputs(fitted, features)


@dataclass(frozen=True)
class MethodSolver:
    """Any other method of the run, with its own defaults, without holding rows out."""

    method: SolveMethod
    seed: int

    def fit(self, features: Any, targets: Targets, weights: Floats | None = None) -> Fitted:
        """Whatever arrays the method makes."""
        folds = np.full(len(targets), NEVER_HELD_OUT, np.int64)
        return self.method.fit(features, targets, folds, np.random.default_rng(self.seed), weights).fitted

    def fit_each(self, features: Any, targets: Targets, weightings: Floats) -> list[Fitted]:
        """One after another, rows that weigh nothing left out."""
        used = [weights > 0 for weights in weightings]
        return [
            self.fit(features[rows], targets.take(rows), weights[rows])
            for rows, weights in zip(used, weightings, strict=True)
        ]

    def outputs(self, fitted: Fitted, features: Any) -> Floats:
        """``(n, K)``."""
        return self.method.predict(fitted, features)


def solver_of(name: str, *, trained: bool, source: Labeled | None, folds: Ints | None, width: int, seed: int) -> Any:
    """A ``contract.Solver`` as the run's head was solved.

    Args:
        name: The run's method.
        trained: Whether the head was trained with its network: its features are then solved with a linear probe.
        source: Rows whose folds choose the penalty of a linear head; None where there are none: a middling penalty.
        folds: ``(n,)`` of those rows, or NEVER_HELD_OUT.
        width: Number of features.
        seed: Of methods that draw.
    """
    if not (trained or name == PROBE):
        plugin = plugins.load(METHODS, name)
        return MethodSolver(plugin.build(plugin.config()), seed)
    from headstart.methods.probe_config import LinearProbeConfig

    config = LinearProbeConfig(tolerance=TOLERANCE)
    if source is None:
        return PenaltySolver(config.fallback * width)
    probe = plugins.load(METHODS, PROBE).build(config)
    assert folds is not None  # noqa: S101 - they come with the rows
    report = probe.fit(source.features, source.targets, folds, np.random.default_rng(seed)).report
    return PenaltySolver(max(float(report["penalty"]), LEAST_STRENGTH * source.features.shape[1]))
