"""The simplest thing that learns from a few numbers: how often each class comes with each range of them.

Numbers are cut into at most 16 ranges that hold about equally many training rows; for more than eight classes into two
for each class, since k ranges tell k classes apart at most, as long as ten rows are in each. Classes: naive Bayes over
the ranges with one count added everywhere. Numbers as targets: a mean that each range shifts, by least squares with a
penalty of one row.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import NEVER_HELD_OUT, Floats, Ints

BINS = 16
PER_CLASS = 2  # ranges
FEWEST_IN_BIN = 10  # training rows, where there are more ranges than BINS


def class_predictions(columns: Floats, classes: Ints, width: int, folds: Ints) -> Ints:
    """``(L,)`` classes, each from rows of other folds; -1 for rows that are never held out.

    Args:
        columns: ``(L, F)`` finite; with no column the commonest class is told.
        classes: ``(L,)`` in 0..width-1.
        width: Number of classes.
        folds: ``(L,)`` fold numbers or NEVER_HELD_OUT.
    """
    predicted = np.full(len(classes), -1, np.int64)
    for fold in _folds(folds):
        held = folds == fold
        known = classes[~held]
        most = max(BINS, min(PER_CLASS * width, len(known) // FEWEST_IN_BIN))
        sizes = np.bincount(known, minlength=width)
        scores = np.tile(np.where(sizes > 0, np.log(np.maximum(sizes, 1)), -np.inf), (int(held.sum()), 1))
        for values in columns.T:
            bins, count = _binned(values, ~held, most)
            counts = np.bincount(bins[~held] * width + known, minlength=count * width).reshape(count, width)
            scores += np.log((counts + 1) / (sizes + count))[bins[held]]
        predicted[held] = scores.argmax(axis=1)
    return predicted


def number_predictions(columns: Floats, numbers: Floats, folds: Ints) -> Floats:
    """``(L,)`` numbers, each from rows of other folds; NaN for rows that are never held out."""
    predicted = np.full(len(numbers), np.nan)
    for fold in _folds(folds):
        held = folds == fold
        design = np.concatenate([_one_hot(values, ~held) for values in columns.T], axis=1)
        mean = numbers[~held].mean()
        seen = design[~held]
        products = seen.T @ seen + np.eye(design.shape[1])
        predicted[held] = mean + design[held] @ np.linalg.solve(products, seen.T @ (numbers[~held] - mean))
    return predicted


def _folds(folds: Ints) -> list[int]:
    return [int(fold) for fold in np.unique(folds) if fold != NEVER_HELD_OUT]


def _binned(values: Floats, seen: NDArray[np.bool_], most: int) -> tuple[Ints, int]:
    """Range of each value, and how many ranges there are; edges are learned on the rows that are seen."""
    edges = np.unique(np.quantile(values[seen], np.linspace(0, 1, most + 1)[1:-1]))
    return np.searchsorted(edges, values, side="left"), len(edges) + 1


def _one_hot(values: Floats, seen: NDArray[np.bool_]) -> Floats:
    bins, count = _binned(values, seen, BINS)
    return np.eye(count)[bins]
