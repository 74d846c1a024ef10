"""Orders of rows whose every beginning is a fair sample."""

from __future__ import annotations

import numpy as np

from headstart.core.learning import Floats, Ints, Targets

BANDS = 10  # of numbers, about equally full


def strata_of(targets: Targets) -> Ints:
    """``(N,)`` int64 of what samples hold in fair shares: classes, a row's rarest label, bands of numbers."""
    if targets.kind == "real":
        ranks = np.argsort(np.argsort(targets.values, kind="stable"), kind="stable")
        return ranks * min(BANDS, len(ranks)) // max(1, len(ranks))
    if targets.kind == "multilabel":
        return rarest_label(targets.values)
    return targets.values


def rarest_label(labels: Floats) -> Ints:
    """Of each row of ``labels`` ``(N, L)`` the label it has that fewest rows have; L where it has none."""
    counts = labels.sum(axis=0)
    rarity = np.where(labels > 0, counts, np.inf)
    rarest: Ints = np.where(labels.any(axis=1), rarity.argmin(axis=1), labels.shape[1])
    return rarest


def stratified_order(values: Ints, rank: Ints) -> Ints:
    """Row numbers so that every beginning holds the strata in about equal shares of their own size.

    Args:
        values: ``(n,)`` strata.
        rank: ``(n,)`` a random permutation; within a stratum, rows follow it.
    """
    by_rank = np.argsort(rank, kind="stable")
    position = np.empty(len(values))
    for name in np.unique(values):
        rows = by_rank[values[by_rank] == name]
        position[rows] = np.arange(len(rows)) / len(rows)  # a stratum's first row comes at 0, whatever its size
    return np.lexsort((rank, position))
