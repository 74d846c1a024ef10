"""The share of target rows that the head answers as the source rows around them and around their neighbours would.

Learning with local and global consistency (Zhou and others, NIPS 2003,
https://papers.nips.cc/paper/2506-learning-with-local-and-global-consistency): votes of source rows spread over the
target rows that lie together, so that single rows which strayed to another class follow their neighbours. Votes are
divided by the classes' shares in the source first; a class that was frequent there says nothing about the target by
that.
"""

from __future__ import annotations

import numpy as np

from headstart.adaptation.contract import View
from headstart.core.config import Config
from headstart.core.learning import Floats, Ints
from headstart.core.plugins import Plugin

KEPT, STEPS = 0.5, 5  # a row keeps half of its own votes, and the sixth neighbour's neighbour hardly counts


class PropagatedLabels:
    """Of the target rows."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def estimate(self, view: View, rng: np.random.Generator) -> float:
        """Between 0 and 1."""
        targets = view.learned.targets
        shares = np.bincount(targets.values, minlength=targets.width) + 0.5
        votes = view.votes / shares
        spread = propagated(votes / votes.sum(axis=1, keepdims=True), view.space.neighbours)
        return float((view.predicted[view.space.rows] == spread.argmax(axis=1)).mean())


def propagated(votes: Floats, neighbours: Ints) -> Floats:
    """``(q, K)`` votes after they spread along the ``neighbours`` ``(q, k)``; without neighbours as they were.

    >>> propagated(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[1], [0]])).round(3).tolist()
    [[0.656, 0.344], [0.344, 0.656]]
    """
    if not neighbours.shape[1]:
        return votes
    spread = votes
    for _ in range(STEPS):
        spread = KEPT * votes + (1 - KEPT) * spread[neighbours].mean(axis=1)
    return spread


PLUGIN = Plugin(
    build=PropagatedLabels,
    kind="accuracy",
    paper="https://papers.nips.cc/paper/2506-learning-with-local-and-global-consistency",
    title="Agreement with propagated labels",
)
