"""The share of target rows that the head answers as the source rows around them would, moved to where it expects them.

Transfer by neighbours (Cover & Hart, IEEE Transactions on Information Theory 13, 1967): a second opinion that a linear
head has no part in. Right as far as neighbours are; above all it tells where two heads differ which of them the data
side with.
"""

from __future__ import annotations

import numpy as np

from headstart.adaptation.contract import View
from headstart.core.config import Config
from headstart.core.plugins import Plugin


class NeighbourLabels:
    """Of the target rows."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def estimate(self, view: View, rng: np.random.Generator) -> float:
        """Between 0 and 1."""
        return float((view.predicted[view.space.rows] == view.votes.argmax(axis=1)).mean())


PLUGIN = Plugin(
    build=NeighbourLabels, kind="accuracy", paper="doi:10.1109/TIT.1967.1053964", title="Agreement with neighbours"
)
