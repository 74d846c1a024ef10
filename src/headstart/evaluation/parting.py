"""Folds, so that what is learned from rows (a calibration, a detector) judges each of them without having seen it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Targets

Ints = NDArray[np.int64]


def parted(strata: NDArray[Any], groups: NDArray[Any] | None, k: int, rng: np.random.Generator) -> Ints:
    """``(N,)`` fold numbers 0..k-1, each stratum spread over the folds; every row is held out once.

    Args:
        strata: ``(N,)`` whole numbers from 0: classes, see :func:`strata_of`.
        groups: ``(N,)`` rows with equal values share a fold; None in an object array is a row without a group. Numbers
            of k folds are groups, too: they come back as these folds.
        k: Folds, 2 or more; with fewer groups than that some stay empty, and the others are numbered from 0.
        rng: Decides which.
    """
    strata = np.asarray(strata, dtype=np.int64)
    n = len(strata)
    if groups is None:
        order = rng.permutation(n)
        order = order[np.argsort(strata[order], kind="stable")]
        folds = np.empty(n, np.int64)
        folds[order] = np.arange(n) % k  # goes on counting from one stratum to the next, so folds are of equal size
        return folds
    counts = _counts(numbered(groups), strata)  # (G, C)
    crowd = np.zeros((k, counts.shape[1]))
    fold_of = np.empty(len(counts), np.int64)
    order = rng.permutation(len(counts))
    in_all = np.maximum(counts.sum(axis=0), 1)
    for group in order[np.argsort(-counts[order].sum(axis=1), kind="stable")]:  # the largest first
        crowding = (crowd * counts[group] / in_all).sum(axis=1)
        best = min(rng.permutation(k), key=lambda fold: (crowding[fold], crowd[fold].sum()))
        fold_of[group] = best
        crowd[best] += counts[group]
    return np.unique(fold_of[numbered(groups)], return_inverse=True)[1].astype(np.int64)


def strata_of(targets: Targets) -> Ints:
    """``(N,)`` what folds should spread: the class, of label sets the rarest label of a row, of numbers nothing."""
    if targets.kind == "real":
        return np.zeros(len(targets), np.int64)
    if targets.kind != "multilabel":
        return np.asarray(targets.values, dtype=np.int64)
    rarity = np.argsort(np.argsort(targets.values.sum(axis=0), kind="stable"), kind="stable")
    ranked = np.where(targets.values > 0, rarity, targets.width)
    return np.asarray(np.append(ranked, np.full((len(ranked), 1), targets.width), axis=1).min(axis=1), dtype=np.int64)


def numbered(groups: NDArray[Any]) -> Ints:
    """``(N,)`` group numbers from 0 of ``(N,)`` groups; a row whose group is None is one of its own."""
    seen: dict[Any, int] = {}
    keys = [("row", i) if value is None else ("group", value) for i, value in enumerate(np.asarray(groups).tolist())]
    return np.array([seen.setdefault(key, len(seen)) for key in keys], dtype=np.int64)


def _counts(numbers: Ints, strata: Ints) -> NDArray[np.float64]:
    """``(G, C)`` rows of each stratum in each group."""
    counts = np.zeros((numbers.max() + 1, strata.max() + 1))
    np.add.at(counts, (numbers, strata), 1.0)
    return counts
