"""Units that give small values go first; of each group in shares of its whole.

Hu et al. 2016, arXiv:1607.03250, counted zeros; here it is the mean square, since not all functions give zeros.
"""

from __future__ import annotations

from headstart.compression.pruning.scores.elimination import Elimination, by_size
from headstart.compression.pruning.seen import Seen
from headstart.core.config import Config
from headstart.core.plugins import Plugin


class Activation:
    """Of activations alone."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def eliminate(self, seen: Seen) -> Elimination:
        """By the mean square of what the reader sees of a unit."""
        squares = seen.gram.diagonal().reshape(seen.group.units, -1).sum(1)
        return by_size(squares / squares.sum().clamp_min(1e-300))


PLUGIN = Plugin(build=Activation, paper="arXiv:1607.03250")
