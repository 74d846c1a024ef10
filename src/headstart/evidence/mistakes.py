"""The mistakes the model was surest of, and the training examples that look most alike to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Floats


@dataclass(frozen=True)
class Mistake:
    """One wrong test prediction: rows are positions within the test and the training part."""

    test_row: int
    predicted: int
    probability: float
    nearest_rows: tuple[int, ...]
    nearest_distances: tuple[float, ...]


def worst_mistakes(
    truth: NDArray[np.int64],
    probabilities: Floats,
    test_features: Floats,
    train_features: Floats,
    *,
    count: int = 12,
    neighbours: int = 3,
) -> list[Mistake]:
    """The ``count`` wrong predictions with the highest probability, each with its nearest training rows.

    Args:
        truth: ``(M,)`` class numbers.
        probabilities: ``(M, K)``.
        test_features: ``(M, D)``.
        train_features: ``(N, D)``; distance is 1 - cosine, 0 for the same direction and 2 for the opposite one.
        count: At most this many.
        neighbours: Training rows per mistake.
    """
    predicted = probabilities.argmax(axis=1)
    sure = probabilities[np.arange(len(truth)), predicted]
    wrong = np.flatnonzero(predicted != truth)
    wrong = wrong[np.argsort(-sure[wrong], kind="stable")][:count]
    if len(wrong) == 0:
        return []
    distances = 1.0 - _unit(test_features[wrong]) @ _unit(train_features).T  # (W, N)
    nearest = np.argsort(distances, axis=1, kind="stable")[:, :neighbours]
    return [
        Mistake(
            int(row),
            int(predicted[row]),
            float(sure[row]),
            tuple(int(near) for near in rows),
            tuple(max(0.0, float(distances[i, near])) for near in rows),
        )
        for i, (row, rows) in enumerate(zip(wrong, nearest, strict=True))
    ]


def _unit(features: Floats) -> Floats:
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    return np.asarray(features / np.maximum(lengths, 1e-12))
