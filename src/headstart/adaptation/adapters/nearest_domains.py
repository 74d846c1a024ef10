"""Rows of source domains that are near the target weigh more (``several.py``); no row is moved.

Mansour, Mohri & Rostamizadeh, NeurIPS 2009, arXiv:0902.3430: where the target is a mixture of the source domains, its
shares are the weights. Their rule combines one head for each domain; with few rows one head on weighted rows of all is
better taught, and it stays one linear head.
"""

from __future__ import annotations

import numpy as np

from headstart.adaptation.contract import CONTINUOUS, DENSE, SEVERAL, SOURCE, Adapted, Solver
from headstart.adaptation.domains import Domains
from headstart.adaptation.geometry import require_classes, require_rows
from headstart.adaptation.several import mixture, row_weights
from headstart.core.config import Config
from headstart.core.plugins import Plugin


class NearestDomains:
    """Solves on the source rows as they are, weighted by domain."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def adapt(self, domains: Domains, solver: Solver, rng: np.random.Generator) -> Adapted:
        """See ``contract.Adapter``; nothing is drawn."""
        source = domains.source
        assert source is not None  # noqa: S101 - the plugin needs it
        require_classes(source.targets.values)
        require_rows(len(domains.target), "target")
        if not domains.is_several:  # back from a target that is one domain
            return Adapted(solver.fit(source.features, source.targets))
        shares = mixture(source, domains.target.features)
        fitted = solver.fit(source.features, source.targets, row_weights(source, shares))
        return Adapted(fitted, report={"largest_share": round(float(shares.max()), 3)})


PLUGIN = Plugin(
    build=NearestDomains,
    paper="arXiv:0902.3430",
    needs=frozenset({SOURCE, DENSE, CONTINUOUS, SEVERAL}),
    title="Near source domains weigh more",
)
