"""Correlation alignment first, then class means of the target from what the aligned head takes its rows for.

The two undo different parts of a shift (``coral.py``: where the domain lies as a whole; ``class_means.py``: where each
class lies in it), and the second depends on a good start. Sun, Feng & Saenko, AAAI 2016, arXiv:1511.05547; Liang, Hu &
Feng, ICML 2020, arXiv:2002.08546; settings are those of the two.
"""

from __future__ import annotations

import numpy as np

from headstart.adaptation.adapters.class_means import ClassMeansConfig, head_of_means
from headstart.adaptation.adapters.coral import CoralConfig, alignment
from headstart.adaptation.contract import CONTINUOUS, DENSE, LINEAR, SOURCE, Adapted, Solver
from headstart.adaptation.domains import Domains
from headstart.adaptation.geometry import require_classes
from headstart.core.config import Config
from headstart.core.plugins import Plugin


class AlignedClassMeans:
    """A linear head from target rows, which source rows are carried to."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def adapt(self, domains: Domains, solver: Solver, rng: np.random.Generator) -> Adapted:
        """See ``contract.Adapter``; nothing is drawn."""
        source, coral, means = domains.source, CoralConfig(), ClassMeansConfig()
        assert source is not None  # noqa: S101 - the plugin needs it
        require_classes(source.targets.values)
        target = domains.target.features
        carry = alignment(source.features, target, coral.directions, coral.shrinkage)
        start = solver.outputs(solver.fit(carry(source.features), source.targets), target)
        return Adapted(head_of_means(target, start, means.rounds, means.directions, means.shrinkage), carry=carry)


PLUGIN = Plugin(
    build=AlignedClassMeans,
    paper="arXiv:2002.08546",
    needs=frozenset({SOURCE, DENSE, CONTINUOUS, LINEAR}),
    title="Alignment, then class means",
)
