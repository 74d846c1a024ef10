"""The chosen model beside every other way to do the job, on the same test examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headstart.reports.axes import Axis, linear_axis
from headstart.reports.measures import Measure, level_text, measure
from headstart.reports.names import readable, shorten
from headstart.reports.numbers import Interval, count, decimal
from headstart.reports.run_files import RunFiles, listing, mapping
from headstart.reports.sections.section import Section


@dataclass(frozen=True)
class Mark:
    """An interval on an axis: positions in percent, None where there is no interval; ``text`` is its title."""

    at: float
    low: float | None
    high: float | None
    text: str


@dataclass(frozen=True)
class Row:
    """One way to do the job. ``notes`` are short facts such as the number of training examples."""

    label: str
    what: str
    is_chosen: bool
    is_transfer: bool
    notes: tuple[str, ...]
    mark: Mark | None
    value: str
    span: str
    gap_mark: Mark | None
    gap: str
    gap_span: str


@dataclass(frozen=True)
class Comparison:
    """Rows, best first after the chosen one, and two axes: the metric, and chosen minus other."""

    metric: str
    rows: tuple[Row, ...]
    axis: Axis
    gap_axis: Axis
    chosen_at: float
    points: str
    level: str


def build(run: RunFiles) -> Section | None:
    """None when there is nothing to compare with."""
    others = [row for row in map(mapping, listing(run.evidence.get("comparisons"))) if _interval(run, row)]
    chosen = Interval.of(run.section("test").get(run.primary))
    if not others or chosen is None:
        return None
    shown = measure(run.primary)
    sign = -1 if shown.better == "higher" else 1
    others.sort(key=lambda row: sign * (_interval(run, row) or chosen).value)
    content = _comparison(run, shown, chosen, others)
    return Section(
        "comparison",
        "Compared with what?",
        "Comparison",
        _says(run, shown, chosen, others),
        f"A dot is the measured value, its bar the {content.level} interval: where the true value plausibly lies. "
        "Right of zero in the second drawing, the chosen model is ahead; a bar that crosses zero leaves it unclear. "
        "Filled dots use pretrained weights, hollow ones do not.",
        content,
    )


def _comparison(run: RunFiles, shown: Measure, chosen: Interval, others: list[Mapping[str, Any]]) -> Comparison:
    intervals = [chosen, *(found for row in others if (found := _interval(run, row)))]
    gaps = [found for row in others if (found := Interval.of(row.get("difference")))]
    share = shown.unit == "share"
    digits = 100 if share else 1
    axis = linear_axis(
        (end for interval in intervals for end in interval.ends),
        lambda value: _plain(value * digits) + ("%" if share else ""),
        within=(0, 1) if share else (float("-inf"), float("inf")),
    )
    gap_axis = linear_axis((0, *(end for gap in gaps for end in gap.ends)), lambda value: _plain(value * digits))
    rows = [_chosen_row(run, shown, chosen, axis), *(_row(run, shown, row, axis, gap_axis) for row in others)]
    return Comparison(
        shown.label, tuple(rows), axis, gap_axis, axis.at(chosen.value), shown.points.strip(), level_text(intervals)
    )


def _plain(value: float) -> str:
    """A tick: as many decimals as a round step needs."""
    return decimal(value, 0) if abs(value - round(value)) < 1e-6 else decimal(value, 2).rstrip("0")


def _chosen_row(run: RunFiles, shown: Measure, chosen: Interval, axis: Axis) -> Row:
    verdict = run.section("verdict")
    label = readable(verdict.get("chosen") or "The chosen model")
    mark = _mark(axis, chosen, f"{label}: {shown.value(chosen)}", shown.range(chosen))
    names = [mapping(row).get("name") for row in listing(run.evidence.get("comparisons")) if not row.get("transfer")]
    return Row(
        shorten(label, 60),
        "",
        is_chosen=True,
        is_transfer=not run.section("guard").get("fell_back") and verdict.get("chosen") not in names,
        notes=("chosen",),
        mark=mark,
        value=shown.value(chosen),
        span=shown.range(chosen),
        gap_mark=None,
        gap="",
        gap_span="",
    )


def _row(run: RunFiles, shown: Measure, row: Mapping[str, Any], axis: Axis, gap_axis: Axis) -> Row:
    interval, gap = _interval(run, row), Interval.of(row.get("difference"))
    label = readable(row.get("name") or "unnamed")
    gap_text = f"Chosen minus {label}: {shown.difference(gap)}{shown.points}"
    return Row(
        shorten(label, 60),
        str(row.get("what") or ""),
        is_chosen=False,
        is_transfer=bool(row.get("transfer")),
        notes=tuple(_notes(run, row)),
        mark=_mark(axis, interval, f"{label}: {shown.value(interval)}", shown.range(interval)),
        value=shown.value(interval),
        span=shown.range(interval),
        gap_mark=_mark(gap_axis, gap, gap_text, shown.difference_range(gap)),
        gap=shown.difference(gap),
        gap_span=shown.difference_range(gap),
    )


def _notes(run: RunFiles, row: Mapping[str, Any]) -> list[str]:
    """What makes a row less comparable than it looks: fewer training or test examples."""
    sizes = run.section("n")
    notes = []
    for key, label in (("n_train", "training"), ("n_test", "test")):
        whole = sizes.get(label if label == "test" else "train")
        if isinstance(row.get(key), int) and isinstance(whole, int) and row[key] < whole:
            notes.append(f"{count(row[key])} of {count(whole)} {label} examples")
    return notes


def _mark(axis: Axis, interval: Interval | None, text: str, span: str) -> Mark | None:
    if interval is None:
        return None
    low, high = (axis.at(end) for end in interval.bounds) if interval.bounds else (None, None)
    return Mark(axis.at(interval.value), low, high, f"{text} ({span})" if span else f"{text} (no interval)")


def _says(run: RunFiles, shown: Measure, chosen: Interval, others: list[Mapping[str, Any]]) -> str:
    without = [row for row in others if row.get("transfer") is False]
    if not without:
        return f"The chosen model reaches {shown.value(chosen)}; {len(others)} other ways saw the same test examples."
    best = without[0]
    gap = Interval.of(best.get("difference"))
    name = readable(best.get("name"))
    lead = f"Best without transfer is \u201c{shorten(name)}\u201d with {shown.value(_interval(run, best))}."
    if gap is None:
        return lead
    size = f"{shown.difference(gap)}{shown.points}"
    if gap.bounds is None:
        return f"{lead} The chosen model differs by {size}; without an interval it is unclear whether that is luck."
    if gap.bounds[0] > 0:
        return f"{lead} The chosen model is ahead by {size}, more than luck explains."
    if gap.bounds[1] < 0:
        return f"{lead} The chosen model is behind by {size}, more than luck explains."
    return f"{lead} The chosen model differs by {size}, and that can be luck: unclear."


def _interval(run: RunFiles, row: Mapping[str, Any]) -> Interval | None:
    return Interval.of(row.get(run.primary))
