"""The primary metric on each value of a named column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headstart.reports.axes import Axis, linear_axis
from headstart.reports.measures import Measure, level_text, measure
from headstart.reports.names import quoted, shorten
from headstart.reports.numbers import Interval, count, is_number
from headstart.reports.run_files import RunFiles, mapping
from headstart.reports.sections.group_figures import GroupTable, group_tables
from headstart.reports.sections.section import Section

FEW = 10  # examples of a group below which no sentence names it, as for classes


@dataclass(frozen=True)
class SliceRow:
    """One value of a column; positions in percent."""

    name: str
    n: str
    value: str
    span: str
    at: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Slice:
    """A column with its values, lowest first, and those of few examples after the others."""

    column: str
    rows: tuple[SliceRow, ...]


@dataclass(frozen=True)
class Slices:
    """All columns on one axis; ``overall_at`` marks the value on the whole test split."""

    metric: str
    columns: tuple[Slice, ...]
    axis: Axis
    overall_at: float | None
    level: str
    tables: tuple[GroupTable, ...]
    correction: str
    notes: tuple[str, ...] = ()


def build(run: RunFiles) -> Section | None:
    """None when the run was not asked for slices."""
    columns = {name: _known(run, mapping(values)) for name, values in run.section("slices").items()}
    columns = {name: values for name, values in columns.items() if values}
    if not columns:
        return None
    shown, overall = measure(run.primary), Interval.of(run.section("test").get(run.primary))
    intervals = [interval for values in columns.values() for _, interval in values.values()]
    axis = linear_axis(
        (end for each in intervals for end in each.ends),
        shown.tick,
        within=shown.limits,
    )
    tables = group_tables(run.section("fairness"))
    content = Slices(
        shown.label,
        tuple(Slice(shorten(name), _rows(shown, values, axis)) for name, values in columns.items()),
        axis,
        axis.at(overall.value) if overall else None,
        level_text(intervals),
        tables,
        str(mapping(run.section("fairness").get("correction")).get("controls") or ""),
        _notes(run.section("fairness"), tables),
    )
    return Section(
        "slices",
        "For whom does it work?",
        "Groups",
        str(run.section("fairness").get("sentence") or _says(shown, columns)),
        "One row per value of the column. Bars that overlap may differ by luck alone; bars far apart mean that the "
        "model serves these groups differently. Groups of fewer than 10 examples stand last. "
        "The dashed line is the value on all test examples.",
        content,
    )


def _notes(fairness: Mapping[str, Any], tables: tuple[GroupTable, ...]) -> tuple[str, ...]:
    """Those that no column says already."""
    told = {table.verdict for table in tables}
    notes = fairness.get("notes")
    return tuple(str(note) for note in (notes if isinstance(notes, list) else []) if str(note) not in told)


def _known(run: RunFiles, values: Mapping[str, Any]) -> dict[str, tuple[Any, Interval]]:
    found = {name: (mapping(row).get("n"), Interval.of(mapping(row).get(run.primary))) for name, row in values.items()}
    return {name: (n, interval) for name, (n, interval) in found.items() if interval is not None}


def _rows(shown: Measure, values: Mapping[str, tuple[Any, Interval]], axis: Axis) -> tuple[SliceRow, ...]:
    rows = []
    for name, (n, each) in sorted(values.items(), key=lambda item: (_is_small(item[1][0]), item[1][1].value)):
        low, high = (axis.at(end) for end in each.bounds) if each.bounds else (None, None)
        rows.append(
            SliceRow(shorten(name), count(n), shown.value(each), shown.range(each), axis.at(each.value), low, high)
        )
    return tuple(rows)


def _is_small(n: Any) -> bool:
    """Whether a group is too small for its figure to be worth a sentence; such groups stand last."""
    return not is_number(n) or n < FEW


def _says(shown: Measure, columns: Mapping[str, Mapping[str, tuple[Any, Interval]]]) -> str:
    said = []
    for column, groups in columns.items():
        values = {name: found for name, found in groups.items() if not _is_small(found[0])}
        if len(values) < 2:
            said.append(f"By {shorten(column)}, groups are too small to be compared.")
            continue
        low = min(values, key=lambda name: values[name][1].value)
        high = max(values, key=lambda name: values[name][1].value)
        said.append(
            f"By {shorten(column)}, {shown.inline} goes from {shown.value(values[low][1])} "
            f"({quoted(low)}) to {shown.value(values[high][1])} ({quoted(high)})."
        )
    return " ".join(said[:3])
