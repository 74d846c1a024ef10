"""The mistakes worth looking at, and the training examples that look most alike to the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Wrong


@dataclass(frozen=True)
class Mistake:
    """One wrong test prediction: rows are positions within the test and the training part.

    Attributes:
        target, prediction: In words.
        probability: Of what was predicted, 0-1; None where there is none.
        nearest_rows: Training rows, the nearest first.
        nearest_distances: 1 - cosine of the features, 0 for the same direction and 2 for the opposite one.
        otherwise_row, otherwise_distance: The nearest training row that the model answers otherwise: what would have to
            be different for another answer (the nearest unlike neighbour of Delaney, Greene & Keane, ICCBR 2021,
            arXiv:2009.13211); None where all are answered alike or answers were not given.
    """

    test_row: int
    target: str
    prediction: str
    probability: float | None
    nearest_rows: tuple[int, ...]
    nearest_distances: tuple[float, ...]
    otherwise_row: int | None = None
    otherwise_distance: float | None = None


def worst_mistakes(
    wrong: Sequence[Wrong],
    test_features: Any,
    train_features: Any,
    neighbours: int = 3,
    *,
    answers: Sequence[str] | None = None,
) -> list[Mistake]:
    """Each of ``wrong`` (from ``Task.worst``), in that order, with its nearest training rows.

    Args:
        wrong: Rows are positions in ``test_features``.
        test_features: ``(M, D)``, an array or a ``scipy.sparse`` one.
        train_features: ``(N, D)`` likewise.
        neighbours: Training rows per mistake.
        answers: What the model answers of each training row, in words as ``prediction`` of ``wrong``.
    """
    if not wrong:
        return []
    rows = np.array([each.row for each in wrong])
    distances = 1.0 - _cosines(test_features[rows], train_features)  # (W, N)
    nearest = np.argsort(distances, axis=1, kind="stable")[:, :neighbours]
    return [
        Mistake(
            each.row,
            each.target,
            each.prediction,
            each.sure,
            tuple(int(near) for near in nearest[i]),
            tuple(max(0.0, float(distances[i, near])) for near in nearest[i]),
            *_otherwise(distances[i], each.prediction, answers),
        )
        for i, each in enumerate(wrong)
    ]


def _otherwise(
    distances: NDArray[np.float64], prediction: str, answers: Sequence[str] | None
) -> tuple[int | None, float | None]:
    """Row and distance of the nearest with another answer."""
    others = np.flatnonzero([answer != prediction for answer in answers or ()])
    if not len(others):
        return None, None
    nearest = int(others[np.argmin(distances[others])])
    return nearest, max(0.0, float(distances[nearest]))


def _cosines(some: Any, all_: Any) -> NDArray[np.float64]:
    products = some @ all_.T
    dense = np.asarray(products.toarray() if hasattr(products, "toarray") else products, dtype=np.float64)
    return dense / np.maximum(_lengths(some)[:, None], 1e-12) / np.maximum(_lengths(all_), 1e-12)


def _lengths(features: Any) -> NDArray[np.float64]:
    squares = features.multiply(features) if hasattr(features, "multiply") else np.square(features)
    return np.sqrt(np.asarray(squares.sum(axis=1), dtype=np.float64).ravel())
