"""Units go first without which the features move least, to first order, in squares of their spread.

Molchanov et al., CVPR 2019, arXiv:1906.10771, took the gradient of a loss of labels; here it is that of random
directions of the features, whose square is their squared distance, on average.
"""

from __future__ import annotations

from headstart.compression.pruning.scores.elimination import Elimination, by_size
from headstart.compression.pruning.seen import Seen
from headstart.core.config import Config
from headstart.core.plugins import Plugin


class Taylor:
    """Of activations and gradients."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def eliminate(self, seen: Seen) -> Elimination:
        """By the effect of a unit, each as if no other went."""
        return by_size(seen.effects)


PLUGIN = Plugin(build=Taylor, paper="arXiv:1906.10771")
