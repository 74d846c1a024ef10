"""Class-balanced self-training: the surest predictions in the target domain join the source rows, round by round.

Zou, Yu, Kumar & Wang, ECCV 2018, arXiv:1810.07911: a fifth of each predicted class first, a half in the end. Gains
where the model is mostly right to begin with, and makes its mistakes firmer where it is not: a lottery under strong
shifts.
"""

from __future__ import annotations

import numpy as np

from headstart.adaptation.contract import SOURCE, Adapted, Solver
from headstart.adaptation.domains import Domains
from headstart.adaptation.geometry import require_classes, require_rows
from headstart.adaptation.pseudo_labels import joined, surest
from headstart.core.config import Config
from headstart.core.learning import Targets
from headstart.core.plugins import Plugin
from headstart.evaluation.softmax import softmax

SHARES = (0.2, 0.35, 0.5)  # the paper's first and last


class SelfTraining:
    """Solves on source rows and pseudo-labelled target rows."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def adapt(self, domains: Domains, solver: Solver, rng: np.random.Generator) -> Adapted:
        """See ``contract.Adapter``; nothing is drawn."""
        source, target = domains.source, domains.target.features
        assert source is not None  # noqa: S101 - the plugin needs it
        require_classes(source.targets.values)
        require_rows(len(domains.target), "target")
        outputs, kind, width = domains.start, source.targets.kind, source.targets.width
        for share in SHARES:
            taken, labels = surest(softmax(outputs), share)
            targets = Targets(np.concatenate([source.targets.values, labels[taken]]), kind, width)
            fitted = solver.fit(joined(source.features, target[taken]), targets)
            outputs = solver.outputs(fitted, target)
        return Adapted(fitted, report={"rows": int(taken.sum())})


PLUGIN = Plugin(
    build=SelfTraining, paper="arXiv:1810.07911", needs=frozenset({SOURCE}), title="Self-training, balanced"
)
