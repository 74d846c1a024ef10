"""What each metric is called, means, and how its numbers are written."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from headstart.core.metric import Metric
from headstart.reports.numbers import NARROW_SPACE, NO_VALUE, Interval, decimal, percent, signed
from headstart.reports.task_facts import stated_metrics


class Measure(Metric):
    """A metric whose numbers can be written."""

    def value(self, interval: Interval | None) -> str:
        """The estimate as text."""
        return NO_VALUE if interval is None else self.text(interval.value)

    def text(self, value: float) -> str:
        """One number of this metric as text."""
        return percent(value) if self.unit == "share" else decimal(value, _digits(value))

    def range(self, interval: Interval | None) -> str:
        """The bounds as text, unit once; empty where there are none."""
        if interval is None or interval.bounds is None:
            return ""
        low, high = interval.bounds
        if self.unit == "share":
            return f"{decimal(100 * low, 1)} to {percent(high)}"
        digits = _digits(max(abs(low), abs(high)))
        return f"{decimal(low, digits)} to {decimal(high, digits)}"

    def difference(self, interval: Interval | None) -> str:
        """A difference with its sign: points for shares, so that 80% + 2 points is 82%."""
        return NO_VALUE if interval is None else self._signed(interval.value)

    def difference_range(self, interval: Interval | None) -> str:
        """The bounds of a difference with their signs; empty where there are none."""
        if interval is None or interval.bounds is None:
            return ""
        low, high = interval.bounds
        return f"{self._signed(low)} to {self._signed(high)}"

    @property
    def inline(self) -> str:
        """The label inside a sentence: "accuracy", but "F1 ..." and "ROC AUC" keep their capitals."""
        is_word = self.label[1:2].islower()
        return self.label[:1].lower() + self.label[1:] if is_word else self.label

    @property
    def points(self) -> str:
        """The unit of differences, for use after a number; empty for scores."""
        return " points" if self.unit == "share" else ""

    @property
    def limits(self) -> tuple[float, float]:
        """Where an axis of this metric must end."""
        return (0.0, 1.0) if self.unit == "share" else (-math.inf, math.inf)

    def tick(self, value: float) -> str:
        """A round number beside an axis."""
        return f"{_round_text(100 * value)}{NARROW_SPACE}%" if self.unit == "share" else _round_text(value)

    def difference_tick(self, value: float) -> str:
        """A round difference beside an axis."""
        return _round_text(100 * value if self.unit == "share" else value)

    def _signed(self, value: float) -> str:
        return signed(100 * value, 1) if self.unit == "share" else signed(value, 3)


MEASURES = {
    "accuracy": Measure("Accuracy", "Share of test examples that got the right class.", "share"),
    "balanced_accuracy": Measure(
        "Balanced accuracy", "Recall averaged over classes: a rare class counts as much as a common one.", "share"
    ),
    "macro_f1": Measure("Macro-F1", "F1, the balance of precision and recall, averaged over classes; 1 is perfect."),
    "micro_f1": Measure("Micro-F1", "F1 over all decisions together; 1 is perfect."),
    "precision_macro": Measure(
        "Precision, mean of classes", "When a class is predicted: how often that is right.", "share"
    ),
    "recall_macro": Measure("Recall, mean of classes", "Of a class's examples: how many are found.", "share"),
    "log_loss": Measure("Log-loss", "Penalty for being sure and wrong; 0 is perfect.", better="lower"),
    "brier": Measure("Brier score", "Squared error of the probabilities; 0 is perfect.", better="lower"),
    "ece": Measure(
        "Calibration error (ECE)", "Mean gap between stated confidence and how often it was right.", better="lower"
    ),
    "roc_auc": Measure(
        "ROC AUC", "Chance that a random positive ranks above a random negative; 0.5 is guessing, 1 perfect."
    ),
    "average_precision": Measure("Average precision", "Precision averaged over all thresholds; 1 is perfect."),
    "map": Measure("Mean average precision", "Average precision, averaged over labels; 1 is perfect."),
    "qwk": Measure("Quadratic weighted kappa", "Agreement on ordered classes beyond chance; 1 is perfect."),
    "subset_accuracy": Measure("All labels right", "Share of test examples with exactly the right labels.", "share"),
    "hamming_loss": Measure(
        "Wrong label decisions", "Share of all yes-or-no decisions that are wrong.", "share", better="lower"
    ),
    "within_one": Measure("Within one grade", "Share of test examples that are at most one grade off.", "share"),
    "interval_coverage": Measure(
        "Coverage of intervals",
        "Share of test examples whose interval holds the truth; about 90\u202f% is right.",
        "share",
    ),
    "rmse": Measure("RMSE", "Typical size of the error, in the target's unit.", better="lower"),
    "rmse_of_mean": Measure("RMSE of the mean", "The same, if the mean was always predicted.", better="lower"),
    "mae": Measure("MAE", "Mean size of the error, in the target's unit.", better="lower"),
    "r2": Measure("R\u00b2", "Share of the target's variance that is explained; 1 is perfect."),
    "spearman": Measure("Spearman correlation", "Agreement of the order; 1 is perfect."),
}


def _round_text(value: float) -> str:
    """As many decimals as a round step needs."""
    return decimal(value, 0) if abs(value - round(value)) < 1e-6 else decimal(value, 3).rstrip("0")


def measure(name: str) -> Measure:
    """The metric called ``name``: known here, or stated by a task; any other gets its own name as label."""
    if stated := stated_metrics().get(name):
        return Measure(**asdict(stated))
    return MEASURES.get(name) or Measure(name.replace("_", " ").capitalize(), "")


def level_text(intervals: Iterable[Interval | None]) -> str:
    """The confidence level of intervals as text; all levels where they differ.

    >>> level_text([Interval(0.5, 0.4, 0.6)])
    '95\u202f%'
    """
    levels = sorted({each.level for each in intervals if each is not None and each.bounds}, reverse=True)
    return " or ".join(percent(level, 0 if level * 100 % 1 < 1e-9 else 1) for level in levels) or percent(0.95, 0)


def metrics_of(section: Mapping[str, Any]) -> dict[str, Interval]:
    """The entries of a ``test`` section that are numbers or intervals, in its order."""
    found = {name: Interval.of(raw) for name, raw in section.items()}
    return {name: interval for name, interval in found.items() if interval is not None}


def _digits(value: float) -> int:
    """After the point: none from a thousand on, where nobody reads them."""
    return 0 if abs(value) >= 1000 else 3
