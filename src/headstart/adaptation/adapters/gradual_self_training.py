"""Along an order of the target rows: the head of each window is taught by the surest answers of the one before.

Gradual self-training (Kumar, Ma & Liang, ICML 2020, arXiv:2002.11361): where a domain moves step by step, a head that
is right on one window is right on most of the next, and what it is surest of there teaches the next head. From one end
to the other at once the same head may be wrong on most, and teaches its errors. Theirs leaves the least sure tenth of
each window out, and every head learns from its own window alone, regularised as the first was; so does this one. That
tenth is taken of each predicted class, so that a class which the head is never very sure of is not driven out.
"""

from __future__ import annotations

import numpy as np

from headstart.adaptation.contract import ORDERED, Adapted, Solver
from headstart.adaptation.domains import Domains
from headstart.adaptation.geometry import require_classes, require_rows
from headstart.adaptation.pseudo_labels import surest
from headstart.core.config import Config
from headstart.core.learning import Targets
from headstart.core.plugins import Plugin
from headstart.evaluation.softmax import softmax

SHARE = 0.9  # of each predicted class of a window: theirs


class GradualSelfTraining:
    """Solves on the windows of the path one after another, and on the target rows last."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def adapt(self, domains: Domains, solver: Solver, rng: np.random.Generator) -> Adapted:
        """See ``contract.Adapter``; nothing is drawn."""
        held, fitted = domains.held_out_targets, domains.head
        shares: list[float] = []
        for window in (*domains.path, domains.target):
            require_rows(len(window), "target")
            taken, labels = surest(softmax(solver.outputs(fitted, window.features)), SHARE)
            require_classes(labels[taken])
            fitted = solver.fit(window.features[taken], Targets(labels[taken], held.kind, held.width))
            shares.append(round(float(taken.mean()), 4))
        classes = len(np.unique(labels[taken]))
        return Adapted(fitted, is_beyond=True, report={"taught": shares, "classes": classes})


PLUGIN = Plugin(
    build=GradualSelfTraining,
    paper="arXiv:2002.11361",
    needs=frozenset({ORDERED}),
    title="Self-training, window by window",
)
