"""What people should know of a metric: plain data that a task states and the report writes numbers by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Metric:
    """A metric.

    Attributes:
        label: What a heading calls it.
        meaning: One plain sentence.
        unit: "share": 0-1, written as a percentage, differences in points; "score": three decimals.
        better: Which direction is better.
        interval: How its interval is made, a clause such as "Student's t, corrected for skewness"; "": not said.
    """

    label: str
    meaning: str
    unit: Literal["share", "score"] = "score"
    better: Literal["higher", "lower"] = "higher"
    interval: str = ""


def metric_in_words(name: str) -> str:
    """A metric's name inside a sentence.

    >>> metric_in_words("macro_f1"), metric_in_words("log_loss"), metric_in_words("rmse")
    ('macro-F1', 'log loss', 'rmse')
    """
    return name.replace("_f1", "-F1").replace("_", " ")
