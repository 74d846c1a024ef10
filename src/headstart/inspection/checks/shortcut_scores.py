"""How well some columns predict the targets of rows that were not learned from, beside chance and the probe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from headstart.core.learning import NEVER_HELD_OUT, Floats, Ints
from headstart.evaluation.proportions import clopper_pearson
from headstart.evaluation.regression import r_squared, r_squared_interval
from headstart.inspection.checks.simple_learner import class_predictions, number_predictions
from headstart.inspection.examined import Examined

FEWEST = 40  # rows: fewer leave intervals of 30 points
COMMON = 0.5  # share of the commonest class from which classes are balanced first: else nothing could exceed it


@dataclass(frozen=True)
class Score:
    """Accuracy or R², with its 95 % interval."""

    value: float
    low: float
    high: float


class Scorer(Protocol):
    """Rows and targets on which columns are compared.

    Attributes:
        metric: Of all scores.
        n: Rows that are predicted.
        chance: Of always telling the commonest class, or the mean.
        probe: Of the probe's out-of-fold outputs; None where there are none.
        is_balanced: Whether rows of the commonest class were left out.
    """

    metric: Literal["accuracy", "r_squared"]
    n: int
    chance: float
    probe: float | None
    is_balanced: bool

    def score(self, columns: Floats) -> Score:
        """Of ``(L, F)`` columns of all learned rows."""


def scorer_of(examined: Examined) -> Scorer | None:
    """For these targets; None for sets of labels and for too few rows."""
    if examined.targets.kind == "multilabel" or np.count_nonzero(examined.folds != NEVER_HELD_OUT) < FEWEST:
        return None
    if examined.targets.kind == "real":
        return _Numbers(examined) if np.ptp(examined.targets.values) > 0 else None
    scorer = _Classes(examined)
    return scorer if scorer.n >= FEWEST else None


class _Classes:
    """Accuracy on rows that were held out; see :class:`Scorer`."""

    metric: Literal["accuracy", "r_squared"] = "accuracy"

    def __init__(self, examined: Examined) -> None:
        classes, self.width = examined.targets.values, examined.targets.width
        self.chosen = _balanced(classes, self.width, np.random.default_rng(examined.seed))
        self.classes, self.folds = classes[self.chosen], examined.folds[self.chosen]
        self.is_balanced = len(self.chosen) < len(classes)
        self.held = self.folds != NEVER_HELD_OUT
        self.n = int(self.held.sum())
        nothing = class_predictions(np.empty((len(self.chosen), 0)), self.classes, self.width, self.folds)
        sizes = np.bincount(self.classes[self.held], minlength=self.width)
        self.chance = max(self._accuracy(nothing), float(sizes.max()) / max(self.n, 1))
        self.probe = self._probe(examined)

    def score(self, columns: Floats) -> Score:
        """Accuracy of naive Bayes."""
        right = self._accuracy(class_predictions(columns[self.chosen], self.classes, self.width, self.folds))
        low, high = clopper_pearson(round(right * self.n), self.n)
        return Score(right, float(low), float(high))

    def _accuracy(self, predicted: Ints) -> float:
        return float((predicted == self.classes)[self.held].mean()) if self.n else 0.0

    def _probe(self, examined: Examined) -> float | None:
        probabilities = examined.probabilities
        if probabilities is None:
            return None
        # learned where the classes had other shares: an outcome counts as much as it has become commoner
        before = np.bincount(examined.targets.values, minlength=self.width) + 1
        now = np.bincount(self.classes, minlength=self.width) + 1
        outputs = np.nan_to_num(probabilities[self.chosen]) * (now / before)
        return self._accuracy(outputs.argmax(axis=1))


class _Numbers:
    """R² on rows that were held out; see :class:`Scorer`."""

    metric: Literal["accuracy", "r_squared"] = "r_squared"
    chance = 0.0
    is_balanced = False

    def __init__(self, examined: Examined) -> None:
        self.numbers, self.folds = examined.targets.values, examined.folds
        self.held = self.folds != NEVER_HELD_OUT
        self.n = int(self.held.sum())
        self.probe = None
        if examined.out_of_fold is not None:
            told = r_squared(self.numbers[self.held], examined.out_of_fold[self.held, 0])
            self.probe = None if told is None else max(told, 0.0)

    def score(self, columns: Floats) -> Score:
        """R² of shifted means."""
        truth, predicted = self.numbers[self.held], number_predictions(columns, self.numbers, self.folds)[self.held]
        value, bounds = r_squared(truth, predicted), r_squared_interval(truth, predicted)
        if value is None or bounds is None:
            return Score(value or 0.0, 0.0, 1.0)
        return Score(value, *bounds)


def _balanced(classes: Ints, width: int, rng: np.random.Generator) -> Ints:
    """Rows to compare on: all, or of a class that is more than half of them as many as of the next."""
    sizes = np.bincount(classes, minlength=width)
    common = int(sizes.argmax())
    if sizes[common] <= COMMON * len(classes):
        return np.arange(len(classes))
    most = int(np.sort(sizes)[-2])
    kept = rng.permutation(np.flatnonzero(classes == common))[:most]
    return np.sort(np.concatenate([np.flatnonzero(classes != common), kept]))
