"""Who was taken for whom: counts per class, and the dense confusion matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ClassCounts:
    """What macro metrics need, in O(K) memory.

    Attributes:
        hits: ``(K,)`` examples of class k predicted as k.
        true: ``(K,)`` examples of class k.
        predicted: ``(K,)`` examples predicted as k.
    """

    hits: Ints
    true: Ints
    predicted: Ints

    @property
    def is_present(self) -> NDArray[np.bool_]:
        """``(K,)`` whether class k has an example: macro averages run over these classes alone."""
        return self.true > 0

    @property
    def recall(self) -> Floats:
        """``(K,)``; 0 for a class without examples."""
        return np.asarray(self.hits / np.maximum(self.true, 1), dtype=np.float64)

    @property
    def precision(self) -> Floats:
        """``(K,)``; 0 for a class that was never predicted."""
        return np.asarray(self.hits / np.maximum(self.predicted, 1), dtype=np.float64)

    @property
    def f1(self) -> Floats:
        """``(K,)`` harmonic mean of precision and recall; 0 where there are no hits."""
        return np.asarray(2 * self.hits / np.maximum(self.true + self.predicted, 1), dtype=np.float64)


def class_counts(targets: NDArray[Any], predictions: NDArray[Any], num_classes: int) -> ClassCounts:
    """Count hits, true and predicted examples per class.

    Args:
        targets: ``(N,)`` integers in 0..K-1, N >= 1.
        predictions: ``(N,)`` likewise.
        num_classes: K.

    Raises:
        ShapeError: lengths differ, nothing to count, or a number outside 0..K-1.
    """
    check_classes(targets, predictions, num_classes)
    return ClassCounts(
        hits=np.bincount(targets[targets == predictions], minlength=num_classes),
        true=np.bincount(targets, minlength=num_classes),
        predicted=np.bincount(predictions, minlength=num_classes),
    )


def confusion_matrix(targets: NDArray[Any], predictions: NDArray[Any], num_classes: int) -> Ints:
    """``(K, K)`` counts, rows the true class and columns the predicted one; raises ShapeError as above."""
    check_classes(targets, predictions, num_classes)
    cells = np.bincount(targets.astype(np.int64) * num_classes + predictions, minlength=num_classes**2)
    return cells.reshape(num_classes, num_classes)


def check_classes(targets: NDArray[Any], predictions: NDArray[Any], num_classes: int) -> None:
    """Raise ShapeError unless both are ``(N,)`` integers in 0..K-1 with N >= 1."""
    if targets.ndim != 1 or targets.shape != predictions.shape or not len(targets):
        raise ShapeError(
            f"targets and predictions must both be (N,) with N >= 1; got {targets.shape} and {predictions.shape}."
        )
    for name, values in (("targets", targets), ("predictions", predictions)):
        if values.dtype.kind not in "iu" or values.min() < 0 or values.max() >= num_classes:
            raise ShapeError(
                f"{name} must be integers in 0..{num_classes - 1}; got {values.dtype} from {values.min()} to "
                f"{values.max()}. Encode them with the task that knows the class names."
            )
