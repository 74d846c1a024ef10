"""Grades: each example has one of K classes whose order and distance count. By name only (``--task ordinal``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from headstart.core.config import Config
from headstart.core.learning import Floats, Targets, Task, Wrong
from headstart.core.plugins import Plugin
from headstart.evaluation.confusion import class_counts
from headstart.evaluation.intervals import interval
from headstart.evaluation.qwk import kappa_difference, kappa_interval, kappa_shares, quadratic_kappa
from headstart.evaluation.softmax import softmax
from headstart.tasks import class_metrics
from headstart.tasks.figures import span
from headstart.tasks.grades import check, describe, grades_of, matches, notes, strata
from headstart.tasks.known import require_known
from headstart.tasks.outputs import by_name, check_outputs, probability_columns, surest
from headstart.tasks.written import as_name

__all__ = [
    "PLUGIN", "Ordinal", "OrdinalConfig", "check", "configure", "describe", "from_dict", "matches", "notes", "strata",
]  # fmt: skip


class OrdinalConfig(Config):
    """What the outputs mean: grades, lowest first."""

    class_names: tuple[str, ...] = Field(min_length=2, description="Names of the grades, lowest first.")
    values: tuple[float, ...] = Field(min_length=2, description="Numeric value of each grade; their distances count.")

    @model_validator(mode="after")
    def _are_ascending(self) -> Self:
        if len(self.values) != len(self.class_names) or list(self.values) != sorted(set(self.values)):
            raise ValueError("each grade must have a value, and values must ascend")
        return self


class Ordinal:
    """K grades; see ``core.learning.Task`` for the contract of each member.

    Outputs are logits over the grades. The prediction is the grade nearest to the expected one: among all grades it
    has the smallest expected squared error, which is what quadratic kappa charges a mistake by (kappa's denominator
    hardly depends on one prediction, so it is close to the best for kappa too). The most probable grade would be the
    best for accuracy instead.
    """

    name = "ordinal"
    kind: Literal["ordinal"] = "ordinal"
    primary = "qwk"
    primary_reason = "a mistake by two grades is worse than one by one grade"
    loss_name = "log-loss"

    def __init__(self, config: OrdinalConfig) -> None:
        self.config = config
        self.values = np.array(config.values)
        self._index = {name: number for number, name in enumerate(config.class_names)}

    @property
    def class_names(self) -> tuple[str, ...]:
        """Grades, lowest first."""
        return self.config.class_names

    @property
    def prediction_columns(self) -> tuple[str, ...]:
        """The grade, its probability, the expected grade (a number), and the probability of each grade."""
        return ("prediction", "probability", "expected", *probability_columns(self.class_names))

    def encode(self, values: NDArray[Any]) -> Targets:
        """Grade numbers ``(N,)`` int64 from 0; raises DataError naming the values that are no grade of this task."""
        names = [as_name(value) for value in values]
        require_known(names, self.class_names, "grades")
        return Targets(np.array([self._index[name] for name in names], np.int64), self.kind, len(self.class_names))

    def written(self, targets: Targets) -> list[str]:
        """Names of grades."""
        return [self.class_names[value] for value in targets.values]

    def predictions(self, outputs: Floats) -> dict[str, Any]:
        """Columns of a table, see :attr:`prediction_columns`."""
        chosen, probabilities = self._predicted(outputs), softmax(outputs)
        return {
            "prediction": [self.class_names[k] for k in chosen],
            "probability": probabilities[np.arange(len(chosen)), chosen],
            "expected": probabilities @ self.values,
            **by_name(probability_columns(self.class_names), probabilities),
        }

    def settle(self, targets: Targets, out_of_fold: Floats) -> Ordinal:
        """Itself: the expected grade needs no threshold."""
        return self

    def loss(self, targets: Targets, outputs: Floats) -> Floats:
        """Log-loss per example ``(N,)``, natural logarithm, >= 0 and finite."""
        check_outputs(outputs, len(self.class_names), targets)
        return class_metrics.log_losses(targets.values, outputs)

    def scores(self, targets: Targets, outputs: Floats) -> Floats:
        """Each example's share of quadratic kappa ``(N,)``; their mean is kappa."""
        return kappa_shares(self.values[targets.values], self.values[self._predicted(outputs, targets)])

    def score(self, targets: Targets, outputs: Floats) -> float:
        """Quadratic weighted kappa, at most 1."""
        return quadratic_kappa(self.values[targets.values], self.values[self._predicted(outputs, targets)])

    def metrics(self, targets: Targets, outputs: Floats, seed: int) -> dict[str, Any]:
        """The ``test`` section: qwk, accuracy, within_one, mae, log_loss, ece, per_class.

        ``within_one`` is the share that is right or a neighbouring grade, ``mae`` the mean distance between grades in
        their numeric values. ``ece`` is that of the predicted grade's probability.
        """
        truth, chosen = targets.values, self._predicted(outputs, targets)
        probabilities = softmax(outputs)
        sure = probabilities[np.arange(len(chosen)), chosen]
        distance = np.abs(self.values[truth] - self.values[chosen])
        return {
            "qwk": _kappa(self.values[truth], self.values[chosen]),
            "accuracy": class_metrics.accuracy_of(truth == chosen),
            "within_one": class_metrics.accuracy_of(np.abs(truth - chosen) <= 1),
            "mae": class_metrics.mean_of(distance, "errors"),
            "log_loss": class_metrics.mean_of(class_metrics.log_losses(truth, outputs)),
            "ece": class_metrics.calibration_of(sure, truth == chosen, seed),
            "per_class": class_metrics.per_class(class_counts(truth, chosen, len(self.values)), self.class_names),
        }

    def compare(
        self, targets: Targets, outputs: Floats, other: Floats, seed: int, other_task: Task | None = None
    ) -> dict[str, Any]:
        """Kappa of ``other``, and the paired "difference": that of ``outputs`` minus that of ``other``."""
        truth = self.values[targets.values]
        mine, theirs = (self.values[self._predicted(each, targets)] for each in (outputs, other))
        value, bounds = kappa_difference(truth, mine, theirs)
        note = "" if bounds else "the two decide alike, or too few examples tell them apart"
        return {"qwk": _kappa(truth, theirs), "difference": interval(value, bounds, note)}

    def sentence(self, metrics: Mapping[str, Any], n: int) -> str:
        """How many grades are right, how many are off by one at most, and kappa."""
        qwk = metrics["qwk"]
        return (
            f"The model gives the right grade to {metrics['accuracy']['value'] * 100:.0f} of 100 test examples, and is "
            f"off by one at most on {metrics['within_one']['value'] * 100:.0f}. Its agreement beyond chance (quadratic "
            f"weighted kappa; 0 is chance, 1 is perfect) is {qwk['value']:.2f} ({span(qwk)}; n = {n})."
        )

    def difference_text(self, difference: Mapping[str, Any]) -> tuple[str, str]:
        """In units of kappa."""
        return f"{abs(difference['value']):.3f} of kappa", span(difference, "+.3f")

    def sections(self, targets: Targets, outputs: Floats, seed: int) -> dict[str, Any]:
        """``confusion``: ``{"class_names": [K], "counts": [K x K]}``, rows the true grade, lowest first."""
        chosen = self._predicted(outputs, targets)
        return {"confusion": class_metrics.confusion_section(targets.values, chosen, self.class_names)}

    def worst(self, targets: Targets, outputs: Floats, count: int) -> list[Wrong]:
        """The predictions that are farthest off, of equal ones the surest."""
        chosen, probabilities = self._predicted(outputs, targets), softmax(outputs)
        sure = probabilities[np.arange(len(chosen)), chosen]
        off = np.abs(self.values[targets.values] - self.values[chosen])
        return [
            Wrong(row, self.class_names[targets.values[row]], self.class_names[chosen[row]], float(sure[row]))
            for row in surest(off > 0, np.lexsort((sure, off)).argsort().astype(float), count)
        ]

    def to_dict(self) -> dict[str, Any]:
        """JSON that :func:`from_dict` reads back."""
        return {"task": self.name, "class_names": list(self.class_names), "values": self.values.tolist()}

    def _predicted(self, outputs: Floats, targets: Targets | None = None) -> NDArray[np.int64]:
        check_outputs(outputs, len(self.class_names), targets)
        expected = softmax(outputs) @ self.values
        return np.asarray(np.abs(expected[:, None] - self.values).argmin(axis=1), dtype=np.int64)


def _kappa(truth: NDArray[Any], predicted: NDArray[Any]) -> dict[str, Any]:
    bounds = kappa_interval(truth, predicted)
    note = "" if bounds else "the test examples, or the predictions, are all of one grade"
    return interval(quadratic_kappa(truth, predicted), bounds, note)


def configure(targets: Iterable[Any]) -> OrdinalConfig:
    """Grades in the order of their numbers; raises DataError where the names tell no order."""
    names, values = grades_of(targets)
    return OrdinalConfig(class_names=names, values=values)


def from_dict(document: Mapping[str, Any]) -> Ordinal:
    """The task that :meth:`Ordinal.to_dict` wrote; raises ConfigError for anything else."""
    values = {key: value for key, value in document.items() if key != "task"}
    return Ordinal(OrdinalConfig.parse(values, "task"))


PLUGIN = Plugin(config=OrdinalConfig, build=Ordinal)
