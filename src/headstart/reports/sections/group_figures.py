"""Every figure of every group, as tables: what the section on groups keeps for those who ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headstart.reports.names import shorten
from headstart.reports.numbers import NO_VALUE, Interval, count, number, percent, signed
from headstart.reports.run_files import mapping
from headstart.reports.sections.group_gaps import ComparisonRow, GapRow, comparison_rows, gap_rows

SHARES = {
    "accuracy": "Right",
    "exact_match": "All labels right",
    "label_accuracy": "Labels right",
    "base_rate": "In truth {it}",
    "selection_rate": "Said {it}",
    "true_positive_rate": "True positive rate",
    "false_positive_rate": "False positive rate",
    "precision": "Precision",
}
DIFFERENCES = {"calibration_gap": "Probability minus truth"}
NUMBERS = {"rmse": "Typical error", "mean_error": "Mean error"}


@dataclass(frozen=True)
class Figure:
    """A value with its bounds."""

    value: str
    span: str


@dataclass(frozen=True)
class GroupRow:
    """One group."""

    name: str
    n: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class GroupTable:
    """A column, or several together: a sentence, every figure of its groups, and how they compare."""

    name: str
    verdict: str
    heads: tuple[str, ...]
    rows: tuple[GroupRow, ...]
    gaps: tuple[GapRow, ...] = ()
    comparisons: tuple[ComparisonRow, ...] = ()


def group_tables(fairness: Mapping[str, Any]) -> tuple[GroupTable, ...]:
    """A table for each column of the section ``fairness``, in its order; of a refused one the sentence alone."""
    positive = shorten(str(fairness.get("positive") or "so"))
    return tuple(_table(name, mapping(raw), positive) for name, raw in mapping(fairness.get("columns")).items())


def _table(name: str, raw: Mapping[str, Any], positive: str) -> GroupTable:
    groups = {group: mapping(figures) for group, figures in mapping(raw.get("groups")).items()}
    names = {**SHARES, **DIFFERENCES, **NUMBERS}
    there = [key for key in names if any(key in figures for figures in groups.values())]
    rows = tuple(
        GroupRow(shorten(group), count(figures.get("n")), tuple(_figure(key, figures.get(key)) for key in there))
        for group, figures in groups.items()
    )
    return GroupTable(
        shorten(name), str(raw.get("verdict") or ""), tuple(names[key].format(it=positive) for key in there), rows,
        gap_rows(raw.get("gaps"), positive), comparison_rows(raw.get("against_rest"), positive),
    )  # fmt: skip


def _figure(key: str, raw: Any) -> Figure:
    each = Interval.of(raw)
    if each is None:
        return Figure(NO_VALUE, "")
    span = (
        f"{_text(key, each.low)} to {_text(key, each.high)}" if each.low is not None and each.high is not None else ""
    )
    return Figure(_text(key, each.value), span)


def _text(key: str, value: float) -> str:
    if key in SHARES:
        return percent(value, 0)
    return f"{signed(100 * value, 1)} points" if key in DIFFERENCES else number(value)
