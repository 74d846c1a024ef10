"""Pooled features of several networks side by side, read as if one network had given them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from headstart.core.learning import Ints
    from headstart.engine.training.feed import Feed


class JoinedFeed:
    """A :class:`headstart.engine.training.feed.Feed` of one boundary, whatever its number: the end of every network."""

    def __init__(self, feeds: Sequence[tuple[Feed, int]]) -> None:
        """Each feed with the boundary of its pooled features; all over the same inputs."""
        self._feeds = list(feeds)

    def ensure(self, stage: int, view: int, rows: Ints) -> None:
        """Have rows of every network ready."""
        for feed, end in self._feeds:
            feed.ensure(end, view, rows)

    def read(self, stage: int, view: int, rows: Ints) -> Tensor:
        """``(B, D1 + D2 + ...)``, in the order of the feeds."""
        import torch

        return torch.cat([feed.read(end, view, rows) for feed, end in self._feeds], dim=1)
