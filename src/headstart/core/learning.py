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


TargetKind = Literal["class", "ordinal", "multilabel", "real"]


@dataclass(frozen=True)
class Targets:
    """Encoded targets of N examples.

    Attributes:
        values: "class" and "ordinal": ``(N,)`` int64 in 0..width-1 (a class may be absent from a subset; of grades
            the order counts). "multilabel": ``(N, width)`` float64 of 0 and 1. "real": ``(N,)`` float64, finite, in
            the user's unit.
        kind: Decides the loss.
        width: Number of outputs per example: K classes, grades or labels; 1 for "real".
    """

    values: NDArray[Any]
    kind: TargetKind
    width: int

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: NDArray[Any]) -> Targets:
        """The targets of some rows: an index array ``(n,)`` or a boolean mask ``(N,)``."""
        return Targets(self.values[rows], self.kind, self.width)


@dataclass(frozen=True)
class Fitted:
    """A solved model: arrays and a JSON spec, enough to predict in NumPy and to be written without pickle.

    Attributes:
        arrays: By name. A linear model has ``weight`` ``(W, D)`` and ``bias`` ``(W,)`` float32, on raw features.
        spec: At least ``{"method": name, "form": "linear" | ...}``; ``form`` says which arrays to expect.
    """

    arrays: Mapping[str, NDArray[Any]]
    spec: Mapping[str, Any]


@dataclass(frozen=True)
class Solution:
    """What a solver returns.

    Attributes:
        fitted: The model refitted on all rows given.
        out_of_fold: ``(N, W)`` float64 outputs, each from a model that did not see the row; rows that were never held
            out are NaN.
        report: What was chosen and why, as JSON.
        of_folds: Of linear models of classes, grades and labels the ``weight`` ``(F, W, D)`` and ``bias`` ``(F, W)``
            of each fold that holds something out, by ascending number: where another solve on the same folds may begin.
    """

    fitted: Fitted
    out_of_fold: Floats
    report: Mapping[str, Any] = field(default_factory=dict)
    of_folds: Mapping[str, NDArray[Any]] | None = None


class SolveMethod(Protocol):
    """A method whose problem is solved, not approached by epochs.

    Which kinds of targets it takes is data on its plugin (``Plugin.targets``). Its outputs ``(N, W)``, W the width of
    the targets, are: logits up to a constant per row for "class" and "ordinal" (softmax over the row gives
    probabilities), one logit per label for "multilabel" (the sigmoid gives probabilities), the prediction in the
    target's unit for "real".
    """

    def fit(
        self,
        features: Floats,
        targets: Targets,
        folds: Ints,
        rng: np.random.Generator,
        weights: Floats | None = None,
    ) -> Solution:
        """Solve on ``features`` ``(N, D)``; ``folds`` ``(N,)`` holds fold numbers or NEVER_HELD_OUT.

        A method whose plugin needs "sparse" takes a ``scipy.sparse.csr_array`` too.
        """

    def predict(self, fitted: Fitted, features: Floats) -> Floats:
        """``(N, W)`` outputs, in NumPy (and SciPy for sparse features) alone."""


@dataclass(frozen=True)
class Wrong:
    """A prediction worth looking at.

    Attributes:
        row: Position among the examples given.
        target, prediction: In words, as users write them.
        sure: Probability (0-1) of what was predicted; None where there is none.
    """

    row: int
    target: str
    prediction: str
    sure: float | None


class Task(Protocol):
    """What the targets mean. One task serves one data set: class names, or the unit of numbers, are its state.

    Beside the class, a task's module holds ``matches(targets) -> str | None`` (why these texts are targets of this
    task, None when they are not), ``configure(targets) -> Config``, ``strata(targets) -> (N,) int64`` (what splits and
    folds balance), ``check(train, others)`` (raises DataError when nothing can be learned, or another split holds
    targets that train does not; ``others`` by split name), ``notes(train, others)`` (sentences for the plan),
    ``describe(targets)`` ("10 classes") and ``from_dict``. Targets come as ``(N,)`` objects of str,
    as users wrote them; a set of labels as a JSON list.
    """

    @property
    def name(self) -> str:
        """The task's name, "classification"."""

    @property
    def kind(self) -> TargetKind:
        """Of its encoded targets."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names in output order; empty for numbers."""

    @property
    def primary(self) -> str:
        """Name of the metric that decides, for example "accuracy"."""

    @property
    def primary_reason(self) -> str:
        """Why that one, a clause."""

    @property
    def loss_name(self) -> str:
        """What :meth:`loss` is called in sentences, for example "log-loss"."""

    @property
    def prediction_columns(self) -> tuple[str, ...]:
        """Columns of a table of predictions, "prediction" first."""

    def encode(self, values: NDArray[Any]) -> Targets:
        """Targets as users wrote them to numbers; raises DataError for a value that cannot be."""

    def written(self, targets: Targets) -> list[Any]:
        """Encoded targets as users wrote them, for tables: names, lists of names joined by "|", numbers."""

    def predictions(self, outputs: Floats) -> dict[str, Any]:
        """``{column: (N,) list or array}`` for every one of ``prediction_columns``."""

    def settle(self, targets: Targets, out_of_fold: Floats) -> Task:
        """The task with what is chosen on out-of-fold outputs of one candidate: decision thresholds, widths of
        intervals. Rows that were never held out are NaN. Returns itself where nothing is to be chosen.
        """

    def loss(self, targets: Targets, outputs: Floats) -> Floats:
        """Per example, ``(N,)``: what choices compare (log-loss, squared error)."""

    def metrics(self, targets: Targets, outputs: Floats, seed: int) -> dict[str, Any]:
        """The ``test`` section of evidence.json: every metric with its interval.

        Where no interval can be given its bounds are None and it carries a "note" with the reason.
        """

    def scores(self, targets: Targets, outputs: Floats) -> Floats:
        """Per example, ``(N,)``: shares of the primary metric, whose mean is (a monotone function of) the metric."""

    def score(self, targets: Targets, outputs: Floats) -> float:
        """The primary metric alone."""

    def compare(
        self, targets: Targets, outputs: Floats, other: Floats, seed: int, other_task: Task | None = None
    ) -> dict[str, Any]:
        """``{primary: other's interval, "difference": {value, low, high, level}}``: ``outputs`` against ``other``.

        The difference is turned so that positive is better. ``other_task`` is the other candidate's settled task,
        where its decisions differ from this one's.
        """

    def sentence(self, metrics: Mapping[str, Any], n: int) -> str:
        """How good it is, for people who train no models."""

    def difference_text(self, difference: Mapping[str, Any]) -> tuple[str, str]:
        """Size and interval of a difference in words: ("4.1 points of accuracy", "95 % interval +1.0 to +7.2")."""

    def sections(self, targets: Targets, outputs: Floats, seed: int) -> dict[str, Any]:
        """Further sections of evidence.json by name: ``confusion`` of classes, ``residuals`` of numbers."""

    def worst(self, targets: Targets, outputs: Floats, count: int) -> list[Wrong]:
        """The mistakes it was surest of, or the largest errors, worst first."""

    def to_dict(self) -> dict[str, Any]:
        """JSON that ``from_dict`` of the task's module reads back; "task" holds the name."""
