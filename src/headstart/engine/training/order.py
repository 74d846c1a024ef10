"""Which rows an epoch reads, in which order and from which view: functions of seed and epoch, so nothing is carried."""

from __future__ import annotations

import numpy as np

from headstart.core.learning import Floats, Ints
from headstart.core.seeding import generator

SORTED_TOGETHER = 16  # batches whose rows are sorted by length


def permuted(count: int, seed: int, epoch: int) -> Ints:
    """``(count,)`` every row once."""
    return generator(seed, "order", str(epoch)).permutation(count)


def drawn(chances: Floats, seed: int, epoch: int) -> Ints:
    """``(N,)`` rows drawn with replacement, each as likely as its chance says."""
    return generator(seed, "order", str(epoch)).choice(len(chances), len(chances), p=chances / chances.sum())


def beside(batches: list[Ints], labeled: int, unlabeled: int, seed: int, epoch: int) -> list[Ints]:
    """Each batch with as many target rows behind its own: permutations of all of them, one after another.

    An epoch goes on where the one before it ended, so that every target row comes equally often.

    Args:
        batches: Positions ``(B,)`` among the training rows.
        labeled: Number of training rows; target rows are counted from there on.
        unlabeled: Number of target rows.
        seed: Of the run.
        epoch: From 0.

    Returns:
        Positions ``(2 B,)``; the batches as they are where one of the two kinds is missing.
    """
    if not labeled or not unlabeled:
        return batches
    wanted = sum(map(len, batches))
    first, begun = divmod(epoch * wanted, unlabeled)
    last = (epoch * wanted + wanted - 1) // unlabeled
    rounds = [generator(seed, "order of the target", str(n)).permutation(unlabeled) for n in range(first, last + 1)]
    others = labeled + np.concatenate(rounds)[begun : begun + wanted]
    parts = np.split(others, np.cumsum([len(some) for some in batches])[:-1])
    return [np.concatenate(pair) for pair in zip(batches, parts, strict=True)]


def by_length(order: Ints, lengths: Ints, batch_size: int, seed: int, epoch: int) -> list[Ints]:
    """Batches of rows of about equal length, in random order: fewer padded positions are computed.

    Rows are sorted among those of a few batches, so that a batch still holds rows from all over.

    Args:
        order: ``(n,)`` rows as they would come without lengths.
        lengths: ``(N,)`` by row.
        batch_size: B.
        seed: Of the run.
        epoch: From 0.

    Returns:
        Rows of each batch, ``(B,)``; see :func:`batches_of` for the last ones.
    """
    found: list[Ints] = []
    for low in range(0, len(order), SORTED_TOGETHER * batch_size):
        some = order[low : low + SORTED_TOGETHER * batch_size]
        found += batches_of(some[np.argsort(lengths[some], kind="stable")], batch_size)
    places = generator(seed, "batches", str(epoch)).permutation(len(found))
    return [found[place] for place in places]


def batches_of(order: Ints, batch_size: int) -> list[Ints]:
    """``(n,)`` rows in batches ``(B,)``, in order; the last one may be shorter.

    A last one of a single row joins the one before it, since BatchNorm cannot take one row.
    """
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
