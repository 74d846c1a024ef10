"""A network whose batch normalisations hold the statistics of another domain."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

    from headstart.adaptation.stream.network import StreamNetwork

SEED = 0
BATCH = 32
MOST_SOURCE, MOST_TARGET = 256, 1000  # examples that are looked at
FEWEST = 64  # of the target: fewer say too little about variances


def move_statistics(network: StreamNetwork, preparer: Any, ours: Any, theirs: Any, advance: Callable[[], None]) -> None:
    """Look at examples of both domains, and give the batch normalisations the statistics of the second.

    Args:
        network: Whose statistics move, in place; it has batch normalisations.
        preparer: Of its inputs.
        ours: Inputs of the run, to which it was used.
        theirs: Inputs of the new domain.
        advance: Told of each example.
    """
    network.learn_statistics(batches(preparer, ours, MOST_SOURCE, advance))
    network.settle_statistics(batches(preparer, theirs, MOST_TARGET, advance))


def batches(preparer: Any, inputs: Any, most: int, advance: Callable[[], None]) -> Iterator[Tensor]:
    """Prepared inputs of one shape together, drawn at random, so that every batch is a fair sample."""
    import torch

    rows = np.random.default_rng(SEED).permutation(len(inputs))[:most]
    waiting: dict[tuple[int, ...], list[NDArray[Any]]] = {}
    for row in rows.tolist():
        prepared = preparer.prepare(inputs.read(row))
        alike = waiting.setdefault(prepared.shape, [])
        alike.append(prepared)
        advance()
        if len(alike) == BATCH:
            yield torch.from_numpy(_stacked(alike))
            alike.clear()
    for alike in waiting.values():
        if len(alike) > 1:
            yield torch.from_numpy(_stacked(alike))


def _stacked(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.ascontiguousarray(np.stack(arrays))
