"""Optimal transport: each source row goes to the average of the target rows that it is the cheapest to become.

Courty, Flamary, Tuia & Rakotomamonjy, IEEE PAMI 39(9), 2017, arXiv:1507.00504: entropic transport (Sinkhorn) with a
term for classes, which makes a target row dear for all classes but the one that most of its mass comes from;
majorised and minimised (p = 1/2) as in the paper. Without that term, mass of several classes mixes in every target row
and accuracy is lost. Rows that were not transported move as the nearest one that was (Ferradans et al., SIAM J. Imaging
Sci. 7(3), 2014). Assumes classes in about the same shares: all mass must arrive. It gains under changes of looks, and
loses more than others where shares differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from headstart.adaptation.contract import CONTINUOUS, DENSE, SOURCE, Adapted, Solver
from headstart.adaptation.domains import Domains
from headstart.adaptation.geometry import Doubles, doubles, require_classes, require_rows, spreads
from headstart.core.config import Config
from headstart.core.learning import Floats, Ints
from headstart.core.plugins import Plugin

MOST = 2500  # rows of a domain that are transported: the plan is an array of all pairs
ROUNDS, STEPS, CLOSE = 5, 100, 1e-4
DEAREST = 20.0  # times the median cost; beyond, a row is an outlier, and rounding would decide


class OptimalTransportConfig(Config):
    """Defaults: ours; a blur of 0.05 to 0.1 and a pull of 0.5 to 5 are about as good."""

    blur: float = Field(0.1, gt=0, description="Strength of the entropy, in median costs.")
    pull: float = Field(1.0, ge=0, description="Strength of the term for classes, in median costs.")


class OptimalTransport:
    """Moves source rows, solves on them."""

    def __init__(self, config: OptimalTransportConfig) -> None:
        self.config = config

    def adapt(self, domains: Domains, solver: Solver, rng: np.random.Generator) -> Adapted:
        """See ``contract.Adapter``; which rows are transported is drawn where there are more than MOST."""
        source, target = domains.source, domains.target.features
        assert source is not None  # noqa: S101 - the plugin needs it
        require_classes(source.targets.values)
        require_rows(len(source), "source")
        require_rows(len(domains.target), "target")
        ours, theirs = _some(len(source), rng), _some(len(domains.target), rng)
        learned = source.take(ours)
        found = transport(
            learned.features, learned.targets.values, target[theirs], self.config.blur, self.config.pull
        )  # fmt: skip
        return Adapted(solver.fit(found.arrived, learned.targets), carry=found)


@dataclass(frozen=True)
class Transport:
    """Where source rows went.

    Attributes:
        left: ``(n, D)`` rows as they were, in units of ``scale``.
        moves: ``(n, D)`` what was added to each, in units of the features.
        arrived: ``(n, D)`` float32.
        scale: ``(D,)``.
    """

    left: Doubles
    moves: Doubles
    arrived: Floats
    scale: Doubles

    def __call__(self, features: Any) -> Floats:
        """``(h, D)`` float32: moved as the nearest row that was transported."""
        rows = np.asarray(features, np.float64)
        nearest = costs(rows / self.scale, self.left).argmin(axis=1)
        return np.asarray(rows + self.moves[nearest], np.float32)


def transport(source: Any, classes: Ints, target: Any, blur: float, pull: float) -> Transport:
    """Of ``source`` ``(n, D)`` with ``classes`` ``(n,)`` onto ``target`` ``(m, D)``."""
    ours, theirs = doubles(source), doubles(target)
    scale = spreads(ours)
    cost = costs(ours / scale, theirs / scale)
    cost = np.minimum(cost / max(float(np.median(cost)), 1e-300), DEAREST)
    plan = class_plan(cost, classes, blur, pull)
    arrived = (plan @ theirs) / plan.sum(axis=1, keepdims=True)
    return Transport(ours / scale, arrived - ours, arrived.astype(np.float32), scale)


def costs(ours: Doubles, theirs: Doubles) -> Doubles:
    """``(n, m)`` squared distances."""
    found = (ours**2).sum(axis=1)[:, None] + (theirs**2).sum(axis=1) - 2 * (ours @ theirs.T)
    return np.asarray(np.maximum(found, 0.0))


def class_plan(cost: Doubles, classes: Ints, blur: float, pull: float) -> Doubles:
    """``(n, m)`` masses, rows of sum 1/n, columns near 1/m.

    The term is the sum over classes and columns of the square root of a class's mass in a column, in units in which
    its slope is ``pull / 2`` for the class that has the whole column.
    """
    n, m = cost.shape
    plan = sinkhorn(cost, blur)
    if pull == 0:
        return plan
    for _ in range(ROUNDS):
        slope = np.empty((n, m))
        for label in np.unique(classes):
            members = classes == label
            share = plan[members].sum(axis=0) * m  # of the column
            slope[members] = 0.5 / np.sqrt(np.maximum(share, 1e-6))
        plan = sinkhorn(cost + pull * np.minimum(slope, DEAREST), blur)
    return plan


def sinkhorn(cost: Doubles, blur: float) -> Doubles:
    """``(n, m)`` entropic plan between rows of mass 1/n and columns of mass 1/m (Cuturi, NeurIPS 2013).

    Row sums are exact, column sums within CLOSE of 1/m in relative terms unless STEPS run out.
    """
    n, m = cost.shape
    cost = cost - cost.min(axis=1, keepdims=True)  # a row's constant changes nothing
    cost = cost - cost.min(axis=0)  # nor a column's
    kernel = np.exp(-cost / blur)
    across = np.ascontiguousarray(kernel.T)
    right: NDArray[np.float64] = np.ones(m)
    for _ in range(STEPS):
        left = 1.0 / (n * np.maximum(kernel @ right, 1e-300))
        arrived = across @ left
        before, right = right, 1.0 / (m * np.maximum(arrived, 1e-300))
        if float(np.abs(before * arrived * m - 1).max()) < CLOSE:
            break
    left = 1.0 / (n * np.maximum(kernel @ right, 1e-300))
    return np.asarray(left[:, None] * kernel * right)


def _some(count: int, rng: np.random.Generator) -> Ints:
    if count <= MOST:
        return np.arange(count, dtype=np.int64)
    return np.sort(rng.choice(count, MOST, replace=False)).astype(np.int64)


PLUGIN = Plugin(
    build=OptimalTransport,
    config=OptimalTransportConfig,
    paper="arXiv:1507.00504",
    needs=frozenset({SOURCE, DENSE, CONTINUOUS}),
    title="Optimal transport",
)
