"""Which rows an epoch reads, in which order and from which view: functions of seed and epoch, so nothing is carried."""

from __future__ import annotations

import numpy as np

from headstart.core.learning import Ints
from headstart.core.seeding import generator


def permuted(count: int, seed: int, epoch: int) -> Ints:
    """``(count,)`` every row once."""
    return generator(seed, "order", str(epoch)).permutation(count)


def batches_of(order: Ints, batch_size: int) -> list[Ints]:
    """Batches in order; a last one of a single row joins the one before it, since BatchNorm cannot take one row."""
    parts = [order[low : low + batch_size] for low in range(0, len(order), batch_size)]
    if len(parts) > 1 and len(parts[-1]) == 1:
        parts[-2:] = [np.concatenate(parts[-2:])]
    return parts


def view_of(epoch: int, views: int, seed: int) -> int:
    """The view that an epoch reads: 0 where there are none, else 1 to ``views``, each equally often."""
    if views == 0:
        return 0
    round_, place = divmod(epoch, views)
    return 1 + int(generator(seed, "views", str(round_)).permutation(views)[place])
