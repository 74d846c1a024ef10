"""What is measured of a group: averages over those of its examples that a question is about.

The true positive rate is the average of "was it found" over the examples that are positive; others do not count. All
criteria of this room are made of such averages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Form = Literal["rate", "mean", "root_mean"]


@dataclass(frozen=True)
class Aspect:
    """One number for each example, to be averaged over those it is about.

    Attributes:
        name: Its key in a report.
        form: "rate": values are 0 or 1. "mean": any numbers. "root_mean": squares, whose root is reported.
        values: ``(N,)``.
        counts: ``(N,)`` which examples it is about.
        is_compared: Whether groups are compared in it: what describes the data, or follows from others, is not.
        lacking: What a group without such an example lacks, for a note.
    """

    name: str
    form: Form
    values: Floats
    counts: Flags
    is_compared: bool = True
    lacking: str = "example"


def rate(name: str, happened: NDArray[Any], counts: Flags | None = None, **more: Any) -> Aspect:
    """How often something happens: ``(N,)`` flags, and among which examples ``(N,)``; all where None is given."""
    flags = np.asarray(happened, dtype=np.float64)
    return Aspect(name, "rate", flags, np.ones(len(flags), bool) if counts is None else counts, **more)


def of_decisions(is_positive: Flags, is_selected: Flags) -> tuple[Aspect, ...]:
    """What follows from who is positive, ``(N,)``, and who was taken for it, ``(N,)``.

    ``selection_rate`` (demographic parity asks it to be equal), ``true_positive_rate`` (equal opportunity) and with it
    ``false_positive_rate`` (equalised odds; Hardt, Price & Srebro, NeurIPS 2016, arXiv:1610.02413), ``precision``, and
    ``base_rate``, the share of positives, which no model decides.
    """
    return (
        rate("base_rate", is_positive, is_compared=False),
        rate("selection_rate", is_selected),
        rate("true_positive_rate", is_selected, is_positive, lacking="positive example"),
        rate("false_positive_rate", is_selected, ~is_positive, lacking="negative example"),
        rate("precision", is_positive, is_selected, is_compared=False, lacking="example taken for positive"),
    )
