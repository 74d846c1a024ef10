"""What a compression costs classes and groups, and what becomes of the probabilities, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headstart.reports.adaptation_classes import ClassTable, class_table
from headstart.reports.measures import measure
from headstart.reports.names import quoted, shorten
from headstart.reports.numbers import NO_VALUE, Interval, count
from headstart.reports.run_files import listing, mapping

Row = tuple[str, ...]


@dataclass(frozen=True)
class GroupTable:
    """Groups of one column, those that lost most first."""

    column: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Costs:
    """Tables, and what they come to in words; what is empty is left out."""

    classes: ClassTable | None
    groups: tuple[GroupTable, ...]
    group_says: str
    calibration: tuple[Row, ...]


def costs_of(section: Mapping[str, Any], primary: str) -> Costs:
    """From ``compression`` of the evidence."""
    groups, before_after = mapping(section.get("groups")), mapping(section.get("calibration"))
    tables = tuple(_groups(str(name), mapping(raw), primary) for name, raw in mapping(groups.get("columns")).items())
    return Costs(
        class_table(mapping(section.get("classes"))),
        tuple(each for each in tables if each.rows),
        _says(groups, primary),
        _calibration(mapping(before_after.get("before")), mapping(before_after.get("after"))),
    )


def _groups(column: str, raw: Mapping[str, Any], primary: str) -> GroupTable:
    shown = measure(primary)
    known = [(str(name), mapping(each)) for name, each in raw.items()]
    found = [
        (name, each.get("n"), Interval.of(each.get("difference")), Interval.of(each.get("beyond")))
        for name, each in known
    ]
    order = sorted(found, key=lambda one: 0.0 if one[2] is None else one[2].value)
    return GroupTable(
        shorten(column, 60),
        tuple(
            (
                shorten(name, 60),
                count(n),
                shown.difference(gap),
                shown.difference_range(gap) or NO_VALUE,
                shown.difference(more),
                shown.difference_range(more) or NO_VALUE,
            )
            for name, n, gap, more in order
        ),
    )


def _says(groups: Mapping[str, Any], primary: str) -> str:
    worst, shown = mapping(groups.get("worst")), measure(primary)
    if not groups.get("of"):
        return ""
    if not worst:
        return "No group lost anything."
    column = mapping(mapping(groups.get("columns")).get(str(worst.get("column"))))
    each = mapping(column.get(str(worst.get("group"))))
    gap, clear = Interval.of(each.get("difference")), groups.get("clear")
    span = f", {shown.difference_range(gap)}" if gap is not None and gap.bounds else ""
    told = (
        f"{quoted(worst.get('group'))} of {quoted(worst.get('column'))} lost most: {shown.difference(gap)}"
        f"{shown.points} ({count(each.get('n'))} examples{span})."
    )
    many = f"{count(clear)} of {count(groups['of'])} groups" if clear else f"No group of {count(groups['of'])}"
    return f"{told} {many} lost more than chance explains, one by one. {_unequal(groups, primary)}"


def _unequal(groups: Mapping[str, Any], primary: str) -> str:
    """Who pays more than the others."""
    shown, said = measure(primary), []
    for each in map(mapping, listing(groups.get("unequal"))):
        column = mapping(mapping(groups.get("columns")).get(str(each.get("column"))))
        more = Interval.of(mapping(column.get(str(each.get("group")))).get("beyond"))
        span = f" ({shown.difference_range(more)})" if more is not None and more.bounds else ""
        said.append(
            f"{quoted(each.get('group'))} of {quoted(each.get('column'))} pays more than the other examples: "
            f"{shown.difference(more)}{shown.points} against theirs{span}."
        )
    if not said:
        return "That one group pays more than the others is not shown."
    return f"{' '.join(said)} That is more than chance gives among all groups."


def _calibration(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Row, ...]:
    rows = []
    for name in ("ece", "log_loss"):
        pair, shown = [Interval.of(each.get(name)) for each in (before, after)], measure(name)
        if any(pair):
            rows.append((shown.label, *(
                shown.value(each) + (f" ({shown.range(each)})" if each is not None and each.bounds else "")
                for each in pair
            )))  # fmt: skip
    return tuple(rows)
