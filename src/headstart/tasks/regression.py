"""Regression: each example has a real number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from headstart.core.config import Config
from headstart.core.learning import Floats, Targets, Task, Wrong
from headstart.core.plugins import Plugin
from headstart.evaluation.intervals import interval
from headstart.evaluation.regression import rmse, rmse_difference
from headstart.tasks import regression_metrics
from headstart.tasks.class_metrics import accuracy_of
from headstart.tasks.figures import figure, span
from headstart.tasks.measured import check, describe, matches, notes, strata
from headstart.tasks.numbers import as_numbers
from headstart.tasks.outputs import check_outputs, surest
from headstart.tasks.prediction_interval import COVERAGE, half_width
from headstart.tasks.residuals import residuals_section

__all__ = [
    "PLUGIN", "Regression", "RegressionConfig", "check", "configure", "describe", "from_dict", "matches", "notes",
    "strata",
]  # fmt: skip


class RegressionConfig(Config):
    """What is known of the numbers, and how wide a prediction's interval is."""

    mean: float = Field(0.0, description="Mean of the training targets: what is predicted without looking.")
    half_width: float | None = Field(
        None, ge=0, description="Half the width of 90 % prediction intervals; None before it is chosen."
    )


class Regression:
    """A real number per example, in the user's unit; see ``core.learning.Task`` for the contract of each member."""

    name = "regression"
    kind: Literal["real"] = "real"
    class_names: tuple[str, ...] = ()
    primary = "rmse"
    primary_reason = "large errors count more than many small ones"
    loss_name = "squared error"
    prediction_columns = ("prediction", "low", "high")

    def __init__(self, config: RegressionConfig) -> None:
        self.config = config

    def encode(self, values: NDArray[Any]) -> Targets:
        """``(N,)`` float64; raises DataError naming a value that is no finite number."""
        return Targets(as_numbers(values), self.kind, 1)

    def written(self, targets: Targets) -> list[float]:
        """The numbers."""
        return [float(value) for value in targets.values]

    def predictions(self, outputs: Floats) -> dict[str, Any]:
        """``prediction``, and ``low`` and ``high`` of its 90 % interval (NaN before :meth:`settle` or where too few
        held-out errors allow none).
        """
        predicted = self._predicted(outputs)
        reach = np.nan if self.config.half_width is None else self.config.half_width
        return {"prediction": predicted, "low": predicted - reach, "high": predicted + reach}

    def settle(self, targets: Targets, out_of_fold: Floats) -> Regression:
        """With the width of prediction intervals, from held-out errors (``tasks.prediction_interval``)."""
        rows = np.isfinite(out_of_fold[:, 0])
        reach = half_width(out_of_fold[rows, 0] - targets.values[rows])
        return Regression(self.config.model_copy(update={"half_width": reach}))

    def loss(self, targets: Targets, outputs: Floats) -> Floats:
        """Squared error per example ``(N,)``."""
        return np.asarray((self._predicted(outputs, targets) - targets.values) ** 2, dtype=np.float64)

    def scores(self, targets: Targets, outputs: Floats) -> Floats:
        """Squared error per example ``(N,)``: the root of their mean is the primary metric; lower is better."""
        return self.loss(targets, outputs)

    def score(self, targets: Targets, outputs: Floats) -> float:
        """Root mean square error, in the unit of the target; lower is better."""
        return rmse(targets.values, self._predicted(outputs, targets))

    def metrics(self, targets: Targets, outputs: Floats, seed: int) -> dict[str, Any]:
        """The ``test`` section: rmse, mae, r2, spearman, rmse_of_mean, interval_coverage.

        ``rmse_of_mean`` is what always predicting the mean of the training targets gives. ``interval_coverage`` is
        the share of test examples inside their 90 % prediction interval; absent before :meth:`settle`.
        """
        truth, predicted = targets.values, self._predicted(outputs, targets)
        mean = np.full(len(truth), self.config.mean)
        section = {
            **regression_metrics.error_metrics(truth, predicted),
            "spearman": regression_metrics.correlation(truth, predicted),
            "rmse_of_mean": regression_metrics.rmse_of(truth, mean),
        }
        if self.config.half_width is not None:
            section["interval_coverage"] = accuracy_of(np.abs(truth - predicted) <= self.config.half_width)
        return section

    def compare(
        self, targets: Targets, outputs: Floats, other: Floats, seed: int, other_task: Task | None = None
    ) -> dict[str, Any]:
        """Rmse of ``other``, and the paired "difference": that of ``other`` minus that of ``outputs``."""
        truth = targets.values
        mine, theirs = self._predicted(outputs, targets), self._predicted(other, targets)
        value, bounds = rmse_difference(truth, mine, theirs)
        note = "" if bounds else "the two predict alike, or too few examples tell them apart"
        return {"rmse": regression_metrics.rmse_of(truth, theirs), "difference": interval(value, bounds, note)}

    def sentence(self, metrics: Mapping[str, Any], n: int) -> str:
        """By how much it is off, against always predicting the mean."""
        off, mean = metrics["rmse"], metrics["rmse_of_mean"]
        return (
            f"The model is off by {figure(off['value'])} (root mean square; {span(off, '')}; n = {n}); always "
            f"predicting the mean would be off by {figure(mean['value'])}."
        )

    def difference_text(self, difference: Mapping[str, Any]) -> tuple[str, str]:
        """In the unit of the target."""
        size = f"{figure(abs(difference['value']))} of root mean square error"
        if difference["low"] is None:
            return size, "no interval can be given"
        signs = ["+" if bound >= 0 else "" for bound in (difference["low"], difference["high"])]
        low, high = (sign + figure(difference[key]) for sign, key in zip(signs, ("low", "high"), strict=True))
        return size, f"95 % interval {low} to {high}"

    def sections(self, targets: Targets, outputs: Floats, seed: int) -> dict[str, Any]:
        """``residuals``, see ``tasks.residuals``; with ``half_width`` and ``level`` of the prediction intervals."""
        section = residuals_section(targets.values, self._predicted(outputs, targets))
        return {"residuals": {**section, "half_width": self.config.half_width, "level": COVERAGE}}

    def worst(self, targets: Targets, outputs: Floats, count: int) -> list[Wrong]:
        """The largest errors."""
        predicted = self._predicted(outputs, targets)
        off = np.abs(predicted - targets.values)
        return [
            Wrong(row, f"{targets.values[row]:.6g}", f"{predicted[row]:.6g}", None)
            for row in surest(off > 0, off, count)
        ]

    def to_dict(self) -> dict[str, Any]:
        """JSON that :func:`from_dict` reads back."""
        return {"task": self.name, "class_names": [], **self.config.model_dump(mode="json")}

    def _predicted(self, outputs: Floats, targets: Targets | None = None) -> NDArray[np.float64]:
        check_outputs(outputs, 1, targets)
        return np.asarray(outputs[:, 0], dtype=np.float64)


def configure(targets: Iterable[Any]) -> RegressionConfig:
    """The mean of the training targets; raises DataError for a value that is no number."""
    return RegressionConfig(mean=float(as_numbers(targets).mean()))


def from_dict(document: Mapping[str, Any]) -> Regression:
    """The task that :meth:`Regression.to_dict` wrote; raises ConfigError for anything else."""
    values = {key: value for key, value in document.items() if key not in ("task", "class_names")}
    return Regression(RegressionConfig.parse(values, "task"))


PLUGIN = Plugin(config=RegressionConfig, build=Regression)
