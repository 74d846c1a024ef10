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
