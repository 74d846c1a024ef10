"""Precision and recall of each class, weakest first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headstart.reports.measures import level_text
from headstart.reports.names import quoted, shorten
from headstart.reports.numbers import NO_VALUE, Interval, count, decimal, percent
from headstart.reports.run_files import RunFiles, mapping
from headstart.reports.sections.section import Section

SHOWN_AT_ONCE = 20  # rows before the rest is folded away
LONGEST_NAME = 300  # characters; here, names stand in full
FEW = 10  # test examples of a class below which its numbers are named weak


@dataclass(frozen=True)
class Rate:
    """A share as text, and as positions in percent for its bar; all None or empty where it is unknown."""

    value: str
    span: str
    at: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class ClassRow:
    """One class."""

    name: str
    n: str
    recall: Rate
    precision: Rate


@dataclass(frozen=True)
class Classes:
    """Rows by recall, lowest first; ``folded`` are those after the first ones."""

    rows: tuple[ClassRow, ...]
    folded: tuple[ClassRow, ...]
    level: str


def build(run: RunFiles) -> Section | None:
    """None when there are no numbers per class."""
    classes = {name: mapping(row) for name, row in mapping(run.section("test").get("per_class")).items()}
    if not classes:
        return None
    recalls = {name: Interval.of(row.get("recall")) for name, row in classes.items()}
    order = sorted(classes, key=lambda name: each.value if (each := recalls[name]) else math.inf)
    rows = tuple(
        ClassRow(shorten(name, LONGEST_NAME), count(classes[name].get("n")), *_rates(classes[name])) for name in order
    )
    says = _says(order, classes, recalls)
    intervals = [Interval.of(row.get(key)) for row in classes.values() for key in ("recall", "precision")]
    return Section(
        "classes",
        "How good for each class?",
        "Classes",
        says,
        "Recall: of the examples of this class, how many were found. Precision: of the predictions of this class, how "
        "many were right. Few test examples make wide intervals.",
        Classes(rows[:SHOWN_AT_ONCE], rows[SHOWN_AT_ONCE:], level_text(intervals)),
        glance="" if run.section("confusion") else says.partition("; ")[0].rstrip(".") + ".",
    )


def _rates(row: Mapping[str, Any]) -> tuple[Rate, Rate]:
    return _rate(Interval.of(row.get("recall"))), _rate(Interval.of(row.get("precision")))


def _rate(interval: Interval | None) -> Rate:
    if interval is None:
        return Rate(NO_VALUE, "", None, None, None)
    at = round(100 * interval.value, 2)
    if interval.bounds is None:
        return Rate(percent(interval.value), "", at, None, None)
    low, high = (round(100 * end, 2) for end in interval.bounds)
    return Rate(percent(interval.value), f"{decimal(low, 0)} to {percent(high / 100, 0)}", at, low, high)


def _says(order: list[str], classes: Mapping[str, Mapping[str, Any]], recalls: Mapping[str, Interval | None]) -> str:
    weakest, best = order[0], next((name for name in reversed(order) if recalls[name]), order[-1])
    low, high = recalls[weakest], recalls[best]
    if low is None or high is None:
        return "No class has test examples, so nothing is known per class."
    text = (
        f"Weakest is {quoted(weakest)}: {percent(low.value, 0)} of its examples are found; "
        f"strongest is {quoted(best)} with {percent(high.value, 0)}."
    )
    few = sum(1 for row in classes.values() if (row.get("n") or 0) < FEW)
    if few:
        text += (
            f" {count(few)} of {count(len(classes))} classes have fewer than {FEW} test examples: read them with care."
        )
    return text
