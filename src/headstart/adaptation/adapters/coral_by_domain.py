"""Correlation alignment of each source domain with the target by itself (``coral.py``), then one head on all rows.

As in M3SDA (Peng et al., ICCV 2019, arXiv:1812.01754), with the moments that features of a network allow to estimate:
means, and covariances of the leading directions. A domain of few rows has few directions.
"""

from __future__ import annotations

import numpy as np

from headstart.adaptation.adapters.coral import CoralConfig, alignment
from headstart.adaptation.contract import CONTINUOUS, DENSE, SEVERAL, SOURCE, Adapted, Solver
from headstart.adaptation.domains import Domains
from headstart.adaptation.geometry import require_classes
from headstart.adaptation.several import each_moved
from headstart.core.plugins import Plugin


class CoralByDomain:
    """Moves source rows, solves on them."""

    def __init__(self, config: CoralConfig) -> None:
        self.config = config

    def adapt(self, domains: Domains, solver: Solver, rng: np.random.Generator) -> Adapted:
        """See ``contract.Adapter``; nothing is drawn."""
        source, target = domains.source, domains.target.features
        assert source is not None  # noqa: S101 - the plugin needs it
        require_classes(source.targets.values)
        directions, shrinkage = self.config.directions, self.config.shrinkage
        moved = each_moved(source, lambda features: alignment(features, target, directions, shrinkage))
        report = {"domains_moved_alone": len(moved.maps)}
        return Adapted(solver.fit(moved(source), source.targets), carry_rows=moved, report=report)


PLUGIN = Plugin(
    build=CoralByDomain,
    config=CoralConfig,
    paper="arXiv:1812.01754",
    needs=frozenset({SOURCE, DENSE, CONTINUOUS, SEVERAL}),
    title="Correlation alignment of each source",
)
