"""Source rows weigh as much as such rows are more common in the target domain.

Shimodaira, Journal of Statistical Planning and Inference 90, 2000; the ratio of the densities is that of a classifier
which tells the domains apart (``density.py``). Right where the domains overlap and the head cannot follow both; with
pretrained features they seldom overlap, a few rows then carry all the weight, and it is a lottery that loses on
average. ``rows_that_count`` in the report says how many rows are left, in the sense of Kish (1965).
"""

from __future__ import annotations

import numpy as np

from headstart.adaptation.contract import CONTINUOUS, DENSE, SOURCE, Adapted, Solver
from headstart.adaptation.density import density_ratio
from headstart.adaptation.domains import Domains
from headstart.adaptation.geometry import require_classes, require_rows
from headstart.core.config import Config
from headstart.core.learning import Floats
from headstart.core.plugins import Plugin


class ImportanceWeighting:
    """Solves on the source rows as they are, weighted."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def adapt(self, domains: Domains, solver: Solver, rng: np.random.Generator) -> Adapted:
        """See ``contract.Adapter``; nothing is drawn."""
        source = domains.source
        assert source is not None  # noqa: S101 - the plugin needs it
        require_classes(source.targets.values)
        require_rows(len(source), "source")
        require_rows(len(domains.target), "target")
        ratio = density_ratio(source.features, domains.target.features, source.features)
        fitted = solver.fit(source.features, source.targets, ratio)
        return Adapted(fitted, report={"rows_that_count": round(rows_that_count(ratio), 1)})


def rows_that_count(weights: Floats) -> float:
    """How many rows of equal weight would be as exact.

    >>> rows_that_count(np.array([2.0, 2.0, 0.0, 0.0]))
    2.0
    """
    given = np.asarray(weights, np.float64)
    return float(given.sum() ** 2 / max(float((given**2).sum()), 1e-300))


PLUGIN = Plugin(
    build=ImportanceWeighting,
    paper="doi:10.1016/S0378-3758(00)00115-4",
    needs=frozenset({SOURCE, DENSE, CONTINUOUS}),
    title="Rows weighted by likeness",
)
