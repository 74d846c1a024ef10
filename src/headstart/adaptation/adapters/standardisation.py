"""Each feature of the source is given the mean and the spread that it has in the target domain.

The simplest alignment: a linear head learned on such rows sees the target rows as they are. Known for speech as
cepstral mean and variance normalisation (Viikki & Laurila, Speech Communication 25, 1998) and inside networks as
adaptive batch normalisation (Li et al., 2016, arXiv:1603.04779).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from headstart.adaptation.contract import CONTINUOUS, DENSE, SOURCE, Adapted, Solver
from headstart.adaptation.domains import Domains
from headstart.core.config import Config
from headstart.core.learning import Floats
from headstart.core.plugins import Plugin


class Standardisation:
    """Moves source rows, solves on them."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def adapt(self, domains: Domains, solver: Solver, rng: np.random.Generator) -> Adapted:
        """See ``contract.Adapter``; nothing is drawn."""
        source = domains.source
        assert source is not None  # noqa: S101 - the plugin needs it
        scale, shift = moments_map(source.features, domains.target.features)

        def carry(features: Any) -> Floats:
            return np.asarray(features * scale + shift, np.float32)

        return Adapted(solver.fit(carry(source.features), source.targets), carry=carry)


def moments_map(source: Floats, target: Floats) -> tuple[Floats, Floats]:
    """``(D,)`` factors and summands that give columns of ``source`` ``(n, D)`` the moments of ``target`` ``(m, D)``.

    A column that does not vary in one of the domains is only moved.

    >>> moments_map(np.array([[0.0], [2.0]]), np.array([[10.0], [14.0]]))
    (array([2.]), array([10.]))
    """
    ours, theirs = (np.asarray(each, np.float64) for each in (source, target))
    here, there = ours.std(axis=0), theirs.std(axis=0)
    varies = (here > 1e-12) & (there > 1e-12)
    scale = np.where(varies, there / np.where(varies, here, 1.0), 1.0)
    return scale, theirs.mean(axis=0) - ours.mean(axis=0) * scale


PLUGIN = Plugin(
    build=Standardisation,
    paper="arXiv:1603.04779",
    needs=frozenset({SOURCE, DENSE, CONTINUOUS}),
    title="Standardisation per domain",
)
