"""Held-out source rows that are right, each counted as often as such a row comes in the target domain.

Importance-weighted cross-validation (Sugiyama, Krauledat & Mueller, JMLR 8, 2007,
https://jmlr.org/papers/v8/sugiyama07a.html): right in expectation where only the inputs shifted and the source has rows
wherever the target has. The weights are divided by their sum, which makes a share of it and tames single heavy rows.
"""

from __future__ import annotations

import numpy as np

from headstart.adaptation.contract import View
from headstart.core.config import Config
from headstart.core.plugins import Plugin


class ImportanceWeighted:
    """By the ratio of the densities of the features."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def estimate(self, view: View, rng: np.random.Generator) -> float:
        """Between 0 and 1; NaN where no held-out row has a weight."""
        total = float(view.ratio.sum())
        right = view.shifted.argmax(axis=1) == view.held.targets.values
        return float(view.ratio @ right) / total if total > 0 else float("nan")


PLUGIN = Plugin(
    build=ImportanceWeighted,
    kind="accuracy",
    paper="https://jmlr.org/papers/v8/sugiyama07a.html",
    title="Importance-weighted accuracy",
)
