"""Correlation alignment: source rows are given the means and covariances of the target domain, then solved on.

Sun, Feng & Saenko, AAAI 2016, arXiv:1511.05547. Covariances of 1,280 features cannot be estimated from some hundred
rows, and what is done about that decides everything:

- Only the leading directions of both domains together are aligned, one for ten rows of the smaller domain, and their
  covariances are shrunk towards the identity; in all others rows move with the mean alone. The paper's identity ridge
  on the full covariances, and Ledoit and Wolf's shrinkage, lose accuracy with pretrained features.
- Many maps align two covariances. The paper whitens and colours again, which turns rows about; here it is the map that
  moves them least, the optimal transport between normal distributions (Flamary, Lounici & Ferrari, 2019,
  arXiv:1905.10155). With the same covariance in both domains it changes nothing.

Assumes that classes come in about the same shares: what differs in shares is taken for a difference in looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import Field

from headstart.adaptation.contract import CONTINUOUS, DENSE, SOURCE, Adapted, Solver
from headstart.adaptation.domains import Domains
from headstart.adaptation.geometry import Doubles, doubles, leading, require_classes, require_rows, spreads
from headstart.core.config import Config
from headstart.core.learning import Floats
from headstart.core.plugins import Plugin


class CoralConfig(Config):
    """Defaults: ours; between a thirtieth and a third, and 0 and 0.5, results hardly change."""

    directions: float = Field(0.1, gt=0, le=1, description="Directions aligned, per row of the smaller domain.")
    shrinkage: float = Field(0.1, ge=0, le=1, description="How far their covariances move towards the identity.")


class Coral:
    """Moves source rows, solves on them."""

    def __init__(self, config: CoralConfig) -> None:
        self.config = config

    def adapt(self, domains: Domains, solver: Solver, rng: np.random.Generator) -> Adapted:
        """See ``contract.Adapter``; nothing is drawn."""
        source = domains.source
        assert source is not None  # noqa: S101 - the plugin needs it
        require_classes(source.targets.values)
        found = alignment(
            source.features, domains.target.features, self.config.directions, self.config.shrinkage
        )  # fmt: skip
        report = {"directions": found.basis.shape[1]}
        return Adapted(solver.fit(found(source.features), source.targets), carry=found, report=report)


@dataclass(frozen=True)
class Alignment:
    """From source features to where they would lie in the target domain.

    Attributes:
        start, end: ``(D,)`` means of the domains.
        scale: ``(D,)`` unit of each feature.
        basis: ``(D, k)`` aligned directions of features in these units.
        change: ``(k, k)`` symmetric: the map in them, less the identity.
    """

    start: Doubles
    end: Doubles
    scale: Doubles
    basis: Doubles
    change: Doubles

    def __call__(self, features: Any) -> Floats:
        """``(n, D)`` float32."""
        rows = (np.asarray(features, np.float64) - self.start) / self.scale
        rows = rows + ((rows @ self.basis) @ self.change) @ self.basis.T
        return np.asarray(rows * self.scale + self.end, np.float32)


def alignment(source: Any, target: Any, directions: float, shrinkage: float) -> Alignment:
    """Of ``source`` ``(n, D)`` with ``target`` ``(m, D)``.

    Raises:
        DataError: too few rows, or features that do not vary.
    """
    ours, theirs = doubles(source), doubles(target)
    require_rows(len(ours), "source")
    require_rows(len(theirs), "target")
    start, end, scale = ours.mean(axis=0), theirs.mean(axis=0), spreads(ours)
    ours, theirs = (ours - start) / scale, (theirs - end) / scale
    both = np.concatenate([ours / np.sqrt(len(ours)), theirs / np.sqrt(len(theirs))])
    basis = leading(both, max(1, int(directions * min(len(ours), len(theirs)))))
    here, there = (_covariance(rows @ basis, shrinkage) for rows in (ours, theirs))
    return Alignment(start, end, scale, basis, monge_map(here, there) - np.eye(len(here)))


def _covariance(rows: Doubles, shrinkage: float) -> Doubles:
    """``(k, k)``, shrunk towards the identity, which in units of the source's spreads is its mean variance."""
    return np.asarray((1 - shrinkage) * (rows.T @ rows) / len(rows) + shrinkage * np.eye(rows.shape[1]))


def monge_map(here: Doubles, there: Doubles) -> Doubles:
    r"""The symmetric A of :math:`A\,C\,A = C'` that moves rows of covariance C least.

    :math:`A = C^{-1/2} (C^{1/2} C' C^{1/2})^{1/2} C^{-1/2}`.

    >>> monge_map(np.diag([1.0, 4.0]), np.diag([9.0, 4.0])).round(9).tolist()
    [[3.0, 0.0], [0.0, 1.0]]
    """
    root, inverse = powered(here, 0.5), powered(here, -0.5)
    return np.asarray(inverse @ powered(root @ there @ root, 0.5) @ inverse)


def powered(matrix: Doubles, power: float) -> Doubles:
    """A power of a symmetric ``(k, k)`` matrix without negative eigenvalues; directions of none are left out."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    kept = values > 1e-12 * max(float(values[-1]), 1e-300)
    vectors = vectors[:, kept]
    return np.asarray((vectors * values[kept] ** power) @ vectors.T)


PLUGIN = Plugin(
    build=Coral,
    config=CoralConfig,
    paper="arXiv:1511.05547",
    needs=frozenset({SOURCE, DENSE, CONTINUOUS}),
    title="Correlation alignment",
)
