"""What an adaptation gives and costs each class: recall and precision before and after, on labelled examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headstart.reports.names import quoted, shorten
from headstart.reports.numbers import NO_VALUE, Interval, count, decimal, percent, signed
from headstart.reports.run_files import listing, mapping

Row = tuple[str, ...]
AT_ONCE = 10  # rows before the rest is folded away
BEFORE = ("Class", "Labelled", "Found", "Right when said")
BOTH = (
    "Class",
    "Labelled",
    "Found before",
    "Found after",
    "Points",
    "Right when said, before",
    "Right when said, after",
)


@dataclass(frozen=True)
class ClassTable:
    """Rows, those whose recall fell most first; ``says`` names the weakest class and the one that lost most."""

    titles: Row
    rows: tuple[Row, ...]
    folded: tuple[Row, ...]
    says: str


def class_table(raw: Mapping[str, Any]) -> ClassTable | None:
    """None where no class has a labelled example."""
    found = [each for each in map(mapping, listing(raw.get("classes"))) if each.get("n")]
    if not found:
        return None
    has_after = any(each.get("after") for each in found)
    order = sorted(found, key=_fell if has_after else _low)
    rows = tuple(_row(each, has_after) for each in order)
    return ClassTable(BOTH if has_after else BEFORE, rows[:AT_ONCE], rows[AT_ONCE:], _says(raw, found))


def _row(each: Mapping[str, Any], has_after: bool) -> Row:
    before, after = mapping(each.get("before")), mapping(each.get("after"))
    name, n = shorten(str(each.get("class")), 60), count(each.get("n"))
    if not has_after:
        return name, n, *(_share(before.get(key)) for key in ("recall", "precision"))
    change = Interval.of(each.get("change"))
    recalls, precisions = ([_share(part.get(key)) for part in (before, after)] for key in ("recall", "precision"))
    return name, n, *recalls, _points(change), *precisions


def _says(raw: Mapping[str, Any], found: list[Mapping[str, Any]]) -> str:
    by_name = {str(each.get("class")): each for each in found}
    said = []
    if (worst := by_name.get(str(raw.get("worst")))) is not None:
        figures = mapping(worst.get("after")) or mapping(worst.get("before"))
        said.append(f"Weakest is {quoted(worst['class'])}: {_share(figures.get('recall'))} of its examples are found.")
    if (lost := by_name.get(str(raw.get("lost")))) is not None:
        said.append(f"{quoted(lost['class'])} lost most: {_points(Interval.of(lost.get('change')))} points.")
    return " ".join(said)


def _share(raw: Any) -> str:
    interval = Interval.of(raw)
    if interval is None:
        return NO_VALUE
    if interval.bounds is None:
        return percent(interval.value, 0)
    low, high = interval.bounds
    return f"{percent(interval.value, 0)} ({decimal(100 * low, 0)} to {decimal(100 * high, 0)})"


def _points(interval: Interval | None) -> str:
    if interval is None or interval.bounds is None:
        return NO_VALUE
    low, high = interval.bounds
    return f"{signed(100 * interval.value, 0)} ({signed(100 * low, 0)} to {signed(100 * high, 0)})"


def _fell(each: Mapping[str, Any]) -> float:
    change = Interval.of(each.get("change"))
    return 0.0 if change is None else change.value


def _low(each: Mapping[str, Any]) -> float:
    recall = Interval.of(mapping(each.get("before")).get("recall"))
    return 2.0 if recall is None else recall.value
