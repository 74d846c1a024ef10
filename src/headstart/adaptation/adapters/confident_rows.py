"""A head solved on those target rows alone that the model is surest of, half of each class; needs no source rows.

Self-training (Zou, Yu, Kumar & Wang, ECCV 2018, arXiv:1810.07911) where the source is not there any more. One round:
rows that are added later are those the model is least sure of, and without source rows nothing holds them in check.
"""

from __future__ import annotations

import numpy as np

from headstart.adaptation.contract import Adapted, Solver
from headstart.adaptation.domains import Domains
from headstart.adaptation.geometry import require_classes, require_rows
from headstart.adaptation.pseudo_labels import surest
from headstart.core.config import Config
from headstart.core.learning import Targets
from headstart.core.plugins import Plugin
from headstart.evaluation.softmax import softmax

SHARE = 0.5


class ConfidentRows:
    """Solves on pseudo-labelled target rows."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def adapt(self, domains: Domains, solver: Solver, rng: np.random.Generator) -> Adapted:
        """See ``contract.Adapter``; nothing is drawn."""
        held = domains.held_out_targets
        require_rows(len(domains.target), "target", max(10, 2 * domains.classes))
        taken, labels = surest(softmax(domains.start), SHARE)
        require_classes(labels[taken])
        fitted = solver.fit(domains.target.features[taken], Targets(labels[taken], held.kind, held.width))
        return Adapted(fitted, report={"rows": int(taken.sum())})


PLUGIN = Plugin(build=ConfidentRows, paper="arXiv:1810.07911", title="Solved on confident rows")
