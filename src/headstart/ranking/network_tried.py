"""What became of one network of a comparison."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from headstart.ranking.entrant_features import EntrantFeatures
from headstart.ranking.entrant_scores import Probed
from headstart.ranking.network_field import Rival


@dataclass
class Tried:
    """What became of one network: a probe, or the reason why there is none."""

    rival: Rival
    probe: Probed | None = None
    features: EntrantFeatures | None = None
    seconds: float = 0.0
    why: str = ""

    @property
    def loss(self) -> float:
        """Mean held-out loss; infinity where it is none."""
        return math.inf if self.probe is None or not np.isfinite(self.probe.loss) else self.probe.loss

    @property
    def flops(self) -> float:
        """Of an input; infinity where a card does not say, for nobody knows that it is cheap."""
        flops = self.rival.network.card.flops
        return math.inf if flops is None else flops
