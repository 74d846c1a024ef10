"""Parts of a batch: for memory that is short, and for processes that share one."""

from __future__ import annotations

import math

import torch

from headstart.core.learning import Ints
from headstart.core.training import Batch


def parts_of(batch: Batch, count: int) -> list[tuple[Batch, float]]:
    """A batch in about ``count`` parts with the share of each, so that gradients add up to the whole batch's."""
    rows = len(batch.rows)
    if count == 1 or rows < 2:
        return [(batch, 1.0)]
    size = max(1, math.ceil(rows / count))
    places = [torch.arange(low, min(low + size, rows)) for low in range(0, rows, size)]
    return [(rows_of(batch, some), len(some) / rows) for some in places]


def rows_of(batch: Batch, places: torch.Tensor) -> Batch:
    """Some rows of a batch, ``(b,)`` places within it."""
    here = places.to(batch.values.device)
    weights = None if batch.weights is None else batch.weights[here]
    rows: Ints = batch.rows[places.numpy()]
    return Batch(batch.values[here], batch.start, batch.targets[here], weights, rows)
