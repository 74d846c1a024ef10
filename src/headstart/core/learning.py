"""What solvers are given and what they give back: arrays and JSON, no framework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]
NEVER_HELD_OUT = -1  # fold number of a row that is in every training part and so has no out-of-fold prediction


@dataclass(frozen=True)
class Targets:
    """Encoded targets of N examples.

    Attributes:
        values: "class": ``(N,)`` int64 in 0..width-1 (a class may be absent from a subset).
        kind: Decides the loss; a new kind of task adds its own.
        width: Number of outputs per example, K for classes.
    """

    values: NDArray[Any]
    kind: Literal["class"]
    width: int

    def take(self, rows: NDArray[Any]) -> Targets:
        """The targets of some rows (an index array or a boolean mask)."""
        return Targets(self.values[rows], self.kind, self.width)


@dataclass(frozen=True)
class Fitted:
    """A solved model: arrays and a JSON spec, enough to predict in NumPy and to be written without pickle.

    Attributes:
        arrays: By name. A linear model has ``weight`` ``(K, D)`` and ``bias`` ``(K,)`` float32, on raw features.
        spec: At least ``{"method": name, "form": "linear" | ...}``; ``form`` says which arrays to expect.
    """

    arrays: Mapping[str, NDArray[Any]]
    spec: Mapping[str, Any]


@dataclass(frozen=True)
class Solution:
    """What a solver returns.

    Attributes:
        fitted: The model refitted on all rows given.
        out_of_fold: ``(N, K)`` float64 logits (up to a constant per row), each from a model that did not see the
            row; rows that were never held out are NaN.
        report: What was chosen and why, as JSON.
    """

    fitted: Fitted
    out_of_fold: Floats
    report: Mapping[str, Any] = field(default_factory=dict)


class SolveMethod(Protocol):
    """A method whose problem is solved, not approached by epochs."""

    def fit(
        self,
        features: Floats,
        targets: Targets,
        folds: Ints,
        rng: np.random.Generator,
        weights: Floats | None = None,
    ) -> Solution:
        """Solve on ``features`` ``(N, D)``; ``folds`` ``(N,)`` holds fold numbers or NEVER_HELD_OUT."""

    def predict(self, fitted: Fitted, features: Floats) -> Floats:
        """``(N, K)`` logits, in NumPy alone."""


class Task(Protocol):
    """What the targets mean. One task serves one data set: class names are its state."""

    @property
    def name(self) -> str:
        """The task's name, "classification"."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names in output order."""

    @property
    def primary(self) -> str:
        """Name of the metric that decides, for example "accuracy"."""

    def encode(self, values: NDArray[Any]) -> Targets:
        """Targets as users wrote them to numbers; raises DataError for a value not seen before."""

    def decode(self, logits: Floats) -> tuple[NDArray[Any], Floats]:
        """Predicted targets as users wrote them, and probabilities ``(N, K)``."""

    def loss(self, targets: Targets, logits: Floats) -> Floats:
        """Per example, ``(N,)``: what choices compare (log-loss for classes)."""

    def metrics(self, targets: Targets, logits: Floats, seed: int) -> dict[str, Any]:
        """The ``test`` section of evidence.json: every metric with its interval.

        Where no interval can be given its bounds are None and it carries a "note" with the reason.
        """

    def scores(self, targets: Targets, logits: Floats) -> Floats:
        """Per example, ``(N,)``: 1.0 for right and 0.0 for wrong, or the example's share of the primary metric."""

    def compare(self, targets: Targets, logits: Floats, other: Floats, seed: int) -> dict[str, Any]:
        """``{primary: other's interval, "difference": {value, low, high, level}}``: ``logits`` minus ``other``."""

    def confusion(self, targets: Targets, logits: Floats) -> dict[str, Any]:
        """The ``confusion`` section: class names and counts, rows are the truth."""

    def to_dict(self) -> dict[str, Any]:
        """JSON that :func:`from_dict` of the task's module reads back."""
