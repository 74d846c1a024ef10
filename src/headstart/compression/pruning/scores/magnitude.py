"""Units that are made with small weights go first; of each group in shares of its whole.

Li et al., ICLR 2017, arXiv:1608.08710
"""

from __future__ import annotations

from headstart.compression.pruning.scores.elimination import Elimination, by_size
from headstart.compression.pruning.seen import Seen
from headstart.core.config import Config
from headstart.core.plugins import Plugin


class Magnitude:
    """Of weights alone."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def eliminate(self, seen: Seen) -> Elimination:
        """By the squares of the weights that make a unit."""
        return by_size(seen.norms / seen.norms.sum())


PLUGIN = Plugin(build=Magnitude, paper="arXiv:1608.08710")
