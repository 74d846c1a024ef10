"""Parts of a batch: for memory that is short, and for processes that share one."""

from __future__ import annotations

import math

import torch

from headstart.core.learning import Ints
from headstart.core.training import AnyBatch, Batch, DomainBatch, UnlabeledBatch


def size_of(batch: AnyBatch) -> int:
    """Examples that can be parted; of two domains those of the smaller one."""
    if isinstance(batch, DomainBatch):
        return min(len(batch.source.rows), len(batch.target.rows))
    return len(batch.rows)


def parts_of(batch: AnyBatch, count: int) -> list[tuple[AnyBatch, float]]:
    """A batch in about ``count`` parts with the share of each, so that gradients add up to the whole batch's.

    A loss that compares the rows of a batch, as alignments of two domains do, is then the mean over its parts.
    """
    rows = size_of(batch)
    if count == 1 or rows < 2:
        return [(batch, 1.0)]
    if isinstance(batch, DomainBatch):
        number = min(count, rows)
        both = (torch.arange(len(each.rows)).tensor_split(number) for each in (batch.source, batch.target))
        return [
            (
                DomainBatch(rows_of(batch.source, ours), _unlabeled(batch.target, theirs)),
                len(ours) / len(batch.source.rows),
            )
            for ours, theirs in zip(*both, strict=True)
        ]
    size = max(1, math.ceil(rows / count))
    places = [torch.arange(low, min(low + size, rows)) for low in range(0, rows, size)]
    take = _unlabeled if isinstance(batch, UnlabeledBatch) else rows_of
    return [(take(batch, some), len(some) / rows) for some in places]  # type: ignore[arg-type]  # each takes its own kind


def rows_of(batch: Batch, places: torch.Tensor) -> Batch:
    """Some rows of a batch, ``(b,)`` places within it."""
    here = places.to(batch.values.device)
    weights = None if batch.weights is None else batch.weights[here]
    rows: Ints = batch.rows[places.numpy()]
    return Batch(batch.values[here], batch.start, batch.targets[here], weights, rows)


def _unlabeled(batch: UnlabeledBatch, places: torch.Tensor) -> UnlabeledBatch:
    here = places.to(batch.values.device)
    plain = None if batch.plain is None else batch.plain[here]
    rows: Ints = batch.rows[places.numpy()]
    return UnlabeledBatch(batch.values[here], batch.start, rows, plain)
