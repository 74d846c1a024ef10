"""Each source domain is given the means and spreads of the target by itself; then all rows together teach the head.

What differs between shops, speakers or hospitals is taken away before it can widen the moments of all of them together:
with one map for all rows the differences between the domains stay in. Moment matching from every source to the target
is half of M3SDA (Peng et al., ICCV 2019, arXiv:1812.01754); for speech it is normalisation per speaker.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from headstart.adaptation.adapters.standardisation import moments_map
from headstart.adaptation.contract import CONTINUOUS, DENSE, SEVERAL, SOURCE, Adapted, Map, Solver
from headstart.adaptation.domains import Domains
from headstart.adaptation.geometry import require_classes
from headstart.adaptation.several import each_moved
from headstart.core.config import Config
from headstart.core.plugins import Plugin


class StandardisationByDomain:
    """Moves source rows, solves on them."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def adapt(self, domains: Domains, solver: Solver, rng: np.random.Generator) -> Adapted:
        """See ``contract.Adapter``; nothing is drawn."""
        source, target = domains.source, domains.target.features
        assert source is not None  # noqa: S101 - the plugin needs it
        require_classes(source.targets.values)

        def made(features: Any) -> Map:
            scale, shift = moments_map(features, target)
            return lambda rows: rows * scale + shift

        moved = each_moved(source, made)
        report = {"domains_moved_alone": len(moved.maps)}
        return Adapted(solver.fit(moved(source), source.targets), carry_rows=moved, report=report)


PLUGIN = Plugin(
    build=StandardisationByDomain,
    paper="arXiv:1812.01754",
    needs=frozenset({SOURCE, DENSE, CONTINUOUS, SEVERAL}),
    title="Standardisation of each source",
)
