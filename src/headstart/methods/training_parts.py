"""Folds as weightings of the rows: which rows each fold's model learns from, and which it is tried on."""

from __future__ import annotations

import numpy as np

from headstart.core.learning import Floats, Ints


def training_parts(folds: Ints, row_weights: Floats) -> tuple[Ints, Floats]:
    """Number folds from 0 and lay out what each of them trains on.

    A fold that leaves nothing to train on holds nothing out.

    Returns:
        ``(N,)`` number of the fold that holds a row out, or -1; and ``(1 + F, N)`` row weights, of all rows first and
        then of each fold's training part.
    """
    numbers = [fold for fold in np.unique(folds[folds >= 0]) if row_weights[folds != fold].sum() > 0]
    fold_of_row = np.full(len(folds), -1, np.int64)
    for index, fold in enumerate(numbers):
        fold_of_row[folds == fold] = index
    training = [row_weights] + [np.where(folds == fold, 0, row_weights) for fold in numbers]
    return fold_of_row, np.stack(training)
