"""Amounts: each example has a number from 0 up, of which ratios count. By name only (``--task amount``).

For counts, prices, durations: to say 2 instead of 4 is as wrong as 200 instead of 400. Everything is learned and judged
on the logarithm of one plus the amount, which variates of such kind call for (Bartlett 1947, doi:10.2307/3001536), so
zeros are allowed, no prediction is negative, and intervals are wider where amounts are larger. Below 1 the "one plus"
makes plain differences of ratios: choose a unit in which amounts are mostly above 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import DataError
from headstart.core.learning import Floats, Targets, Task, Wrong
from headstart.core.metric import Metric
from headstart.core.plugins import Plugin
from headstart.evaluation import regression as errors
from headstart.evaluation.intervals import interval
from headstart.tasks import measured
from headstart.tasks.figures import figure, span
from headstart.tasks.measured import describe, strata
from headstart.tasks.numbers import as_numbers
from headstart.tasks.outputs import check_outputs, surest
from headstart.tasks.prediction_interval import half_width
from headstart.tasks.regression import Regression, RegressionConfig
from headstart.tasks.regression_metrics import NO_SPREAD
from headstart.tasks.residuals import residuals_section

__all__ = [
    "METRICS", "PLUGIN", "Amount", "AmountConfig", "check", "configure", "describe", "from_dict", "matches", "notes",
    "strata",
]  # fmt: skip

LARGEST = 700.0  # outputs above are cut off there: e^700 is the last that a float can hold
DIGITS = 12  # that survive the way to logarithms and back
HOW = "Student's t, corrected for skewness"
METRICS = {
    "rmsle": Metric(
        "RMSLE", "Typical size of the error of the logarithm of one plus the amount; 0 is perfect.", better="lower",
        interval=HOW,
    ),
    "rmsle_of_mean": Metric(
        "RMSLE of the mean", "The same, if the mean logarithm was always predicted.", better="lower", interval=HOW
    ),
}  # fmt: skip


class AmountConfig(RegressionConfig):
    """``mean`` and ``half_width`` are those of logarithms."""


class Amount(Regression):
    """A number from 0 up per example; outputs and encoded targets are ``log(1 + amount)``, tables are in amounts."""

    name = "amount"
    primary = "rmsle"
    primary_reason = "to be off by a factor counts alike for small amounts and for large ones"
    loss_name = "squared log error"

    def encode(self, values: NDArray[Any]) -> Targets:
        """``(N,)`` float64 logarithms; raises DataError naming a value that is no number from 0 up."""
        return Targets(np.log1p(as_amounts(values)), self.kind, 1)

    def written(self, targets: Targets) -> list[float]:
        """The amounts, to twelve digits."""
        return [float(f"{value:.{DIGITS}g}") for value in np.expm1(targets.values)]

    def predictions(self, outputs: Floats) -> dict[str, Any]:
        """``prediction``, and ``low`` and ``high`` of its 90 % interval, all from 0 up (bounds NaN before settling)."""
        check_outputs(outputs, 1, None)
        reach = np.nan if self.config.half_width is None else self.config.half_width
        logs = outputs[:, 0]
        return {"prediction": amounts(logs), "low": amounts(logs - reach), "high": amounts(logs + reach)}

    def settle(self, targets: Targets, out_of_fold: Floats) -> Amount:
        """With the width of prediction intervals, from held-out errors of logarithms."""
        rows = np.isfinite(out_of_fold[:, 0])
        reach = half_width(out_of_fold[rows, 0] - targets.values[rows])
        return Amount(AmountConfig(mean=self.config.mean, half_width=reach))

    def metrics(self, targets: Targets, outputs: Floats, seed: int) -> dict[str, Any]:
        """The ``test`` section: rmsle, mae (in amounts), spearman, rmsle_of_mean, interval_coverage once settled."""
        logs = super().metrics(targets, outputs, seed)
        truth, predicted = np.expm1(targets.values), amounts(outputs[:, 0])
        bounds = errors.mae_interval(truth, predicted)
        section = {
            "rmsle": logs["rmse"],
            "mae": interval(errors.mae(truth, predicted), bounds, "" if bounds else NO_SPREAD),
            "spearman": logs["spearman"],
            "rmsle_of_mean": logs["rmse_of_mean"],
        }
        return section | {key: logs[key] for key in ("interval_coverage",) if key in logs}

    def compare(
        self, targets: Targets, outputs: Floats, other: Floats, seed: int, other_task: Task | None = None
    ) -> dict[str, Any]:
        """Rmsle of ``other``, and the paired "difference": that of ``other`` minus that of ``outputs``."""
        found = super().compare(targets, outputs, other, seed, other_task)
        return {"rmsle": found["rmse"], "difference": found["difference"]}

    def sentence(self, metrics: Mapping[str, Any], n: int) -> str:
        """By which factor it is off, against always predicting the same."""
        off, mean = metrics["rmsle"], metrics["rmsle_of_mean"]
        return (
            f"The model is off by a factor of about {figure(np.exp(off['value']))} (root mean square log error "
            f"{figure(off['value'])}; {span(off, '')}; n = {n}); always predicting the same would be off by one of "
            f"{figure(np.exp(mean['value']))}."
        )

    def difference_text(self, difference: Mapping[str, Any]) -> tuple[str, str]:
        """In logarithms."""
        size, bounds = super().difference_text(difference)
        return size.replace("root mean square error", "root mean square log error"), bounds

    def sections(self, targets: Targets, outputs: Floats, seed: int) -> dict[str, Any]:
        """``residuals`` of amounts; prediction intervals have no one width there."""
        check_outputs(outputs, 1, targets)
        return {"residuals": residuals_section(np.expm1(targets.values), amounts(outputs[:, 0]))}

    def worst(self, targets: Targets, outputs: Floats, count: int) -> list[Wrong]:
        """The largest errors of logarithms, in amounts."""
        check_outputs(outputs, 1, targets)
        truth, predicted = np.expm1(targets.values), amounts(outputs[:, 0])
        off = np.abs(np.log1p(predicted) - targets.values)
        rows = surest(off > 0, off, count)
        return [Wrong(row, f"{truth[row]:.6g}", f"{predicted[row]:.6g}", None) for row in rows]


def amounts(logs: Floats) -> NDArray[np.float64]:
    """What logarithms ``(N,)`` stand for, ``(N,)`` from 0 up.

    >>> amounts(np.array([0.0, np.log(8.0), -3.0]))
    array([0., 7., 0.])
    """
    return np.maximum(np.expm1(np.minimum(np.asarray(logs, np.float64), LARGEST)), 0.0)


def as_amounts(values: Iterable[Any]) -> NDArray[np.float64]:
    """``(N,)`` float64 from 0 up; raises DataError for a value that is no number, or is negative."""
    found = as_numbers(values)
    if (below := np.flatnonzero(found < 0)).size:
        raise DataError(
            f"every target of --task amount must be 0 or more; {below.size} of {len(found)} are not, the first is "
            f"number {below[0] + 1}: {figure(found[below[0]])}. Correct these rows, or use --task regression."
        )
    return found


def matches(targets: Iterable[Any]) -> str | None:
    """Never: whether ratios count cannot be seen from the numbers."""
    return None


def check(train: NDArray[Any], others: Mapping[str, NDArray[Any]]) -> None:
    """Raise DataError as for regression, and for a negative number in any split of ``(N,)`` values."""
    measured.check(train, others)
    for split, values in {"train": train, **others}.items():
        try:
            as_amounts(values)
        except DataError as error:
            raise DataError(f"in the {split} split, {error}") from None


def notes(train: NDArray[Any], others: Mapping[str, NDArray[Any]]) -> list[str]:
    """What stands out in ``(N,)`` amounts, as sentences: ones below 1, test amounts beyond those of train."""
    values = as_amounts(train)
    small = float(((values > 0) & (values < 1)).mean())
    found = []
    if small > 0.5:
        found.append(
            f"{small:.0%} of the targets lie between 0 and 1, where errors count by difference more than by ratio; "
            "give them in a smaller unit"
        )
    for split, those in others.items():
        outside = int((as_amounts(those) > values.max()).sum())
        if outside:
            found.append(f"{outside} targets of the {split} split are larger than any of train")
    return found


def configure(targets: Iterable[Any]) -> AmountConfig:
    """The mean logarithm of the training targets; raises DataError for a value that is no amount."""
    return AmountConfig(mean=float(np.log1p(as_amounts(targets)).mean()))


def from_dict(document: Mapping[str, Any]) -> Amount:
    """The task that :meth:`Amount.to_dict` wrote; raises ConfigError for anything else."""
    values = {key: value for key, value in document.items() if key not in ("task", "class_names")}
    return Amount(AmountConfig.parse(values, "task"))


PLUGIN = Plugin(config=AmountConfig, build=Amount, paper="doi:10.2307/3001536")
