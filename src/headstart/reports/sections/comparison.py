"""The chosen model beside every other way to do the job, on the same test examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headstart.reports.axes import Axis, linear_axis
from headstart.reports.measures import level_text, measure
from headstart.reports.names import quoted, readable, shorten
from headstart.reports.numbers import MINUS, Interval, count
from headstart.reports.rivals import Row, best_rival, chosen_is_transfer, known_rows
from headstart.reports.run_files import RunFiles
from headstart.reports.sections.section import Section


@dataclass(frozen=True)
class Mark:
    """An interval on an axis: positions in percent, None where there is no interval; ``text`` is its title."""

    at: float
    low: float | None
    high: float | None
    text: str


@dataclass(frozen=True)
class Bar:
    """One way to do the job. ``notes`` are short facts such as its training examples; the chosen one has no gap."""

    label: str
    mark: Mark
    value: str
    span: str
    is_transfer: bool
    is_chosen: bool = False
    what: str = ""
    notes: tuple[str, ...] = ()
    gap_mark: Mark | None = None
    gap: str = ""
    gap_span: str = ""


@dataclass(frozen=True)
class Comparison:
    """Rows, best first after the chosen one, and two axes: the metric, and chosen minus other."""

    metric: str
    rows: tuple[Bar, ...]
    axis: Axis
    gap_axis: Axis
    chosen_at: float
    points: str
    level: str


def build(run: RunFiles) -> Section | None:
    """None when there is nothing to compare with."""
    others, chosen = known_rows(run), Interval.of(run.section("test").get(run.primary))
    if not others or chosen is None:
        return None
    content = _comparison(run, chosen, others)
    return Section(
        "comparison",
        "Compared with what?",
        "Comparison",
        _says(run, chosen, others),
        f"A dot is the measured value, its bar the {content.level} interval: where the true value plausibly lies. "
        "Filled dots use pretrained weights, hollow ones do not. In the drawing on differences, right of zero means "
        "that the chosen model is ahead; a bar that crosses zero leaves it unclear.",
        content,
        is_wide=True,
    )


def _comparison(run: RunFiles, chosen: Interval, others: Sequence[tuple[Row, Interval]]) -> Comparison:
    shown = measure(run.primary)
    intervals = [chosen, *(interval for _, interval in others)]
    gaps = [found for row, _ in others if (found := Interval.of(row.get("difference")))]
    axis = linear_axis((end for each in intervals for end in each.ends), shown.tick, within=shown.limits, steps=5)
    gap_axis = linear_axis(
        (0.0, *(end for gap in gaps for end in gap.ends)), shown.difference_tick, steps=5, is_tight=True
    )
    rows = [_chosen_row(run, chosen, axis), *(_row(run, row, interval, axis, gap_axis) for row, interval in others)]
    level = level_text(intervals)
    return Comparison(shown.label, tuple(rows), axis, gap_axis, axis.at(chosen.value), shown.points.strip(), level)


def _chosen_row(run: RunFiles, chosen: Interval, axis: Axis) -> Bar:
    shown, label = measure(run.primary), readable(run.section("verdict").get("chosen") or "The chosen model")
    return Bar(
        shorten(label, 60),
        is_chosen=True,
        is_transfer=chosen_is_transfer(run),
        notes=("chosen",),
        mark=_mark(axis, chosen, f"{label}: {shown.value(chosen)}", shown.range(chosen)),
        value=shown.value(chosen),
        span=shown.range(chosen),
    )


def _row(run: RunFiles, row: Row, interval: Interval, axis: Axis, gap_axis: Axis) -> Bar:
    shown, gap = measure(run.primary), Interval.of(row.get("difference"))
    label = readable(row.get("name") or "unnamed")
    gap_text = f"Chosen minus {label}: {shown.difference(gap)}{shown.points}"
    return Bar(
        shorten(label, 60),
        what=str(row.get("what") or ""),
        is_transfer=bool(row.get("transfer")),
        notes=tuple(_notes(run, row)),
        mark=_mark(axis, interval, f"{label}: {shown.value(interval)}", shown.range(interval)),
        value=shown.value(interval),
        span=shown.range(interval),
        gap_mark=_mark(gap_axis, gap, gap_text, shown.difference_range(gap)) if gap else None,
        gap=shown.difference(gap),
        gap_span=shown.difference_range(gap),
    )


def _notes(run: RunFiles, row: Row) -> list[str]:
    """What makes a row less comparable than it looks: fewer training or test examples."""
    sizes = run.section("n")
    notes = []
    for key, label in (("n_train", "training"), ("n_test", "test")):
        whole = sizes.get(label if label == "test" else "train")
        if isinstance(row.get(key), int) and isinstance(whole, int) and row[key] < whole:
            notes.append(f"{count(row[key])} of {count(whole)} {label} examples")
    return notes


def _mark(axis: Axis, interval: Interval, text: str, span: str) -> Mark:
    low, high = (axis.at(end) for end in interval.bounds) if interval.bounds else (None, None)
    return Mark(axis.at(interval.value), low, high, f"{text} ({span})" if span else f"{text} (no interval)")


def _says(run: RunFiles, chosen: Interval, others: Sequence[tuple[Row, Interval]]) -> str:
    shown, rival = measure(run.primary), best_rival(run)
    if rival is None:
        return f"The chosen model reaches {shown.value(chosen)}; {len(others)} other ways saw the same test examples."
    row, interval = rival
    side = "with" if row.get("transfer") else "without"
    lead = f"The best way {side} transfer, {quoted(readable(row.get('name')))}, reaches {shown.value(interval)}."
    gap = Interval.of(row.get("difference"))
    if gap is None:
        return lead
    size = f"{shown.difference(gap).lstrip('+' + MINUS)}{shown.points}"
    side = "ahead" if gap.value > 0 else "behind"
    if gap.bounds is None:
        return f"{lead} The chosen model is {side} by {size}; without an interval it is unclear whether that is luck."
    if gap.bounds[0] > 0 or gap.bounds[1] < 0:
        return f"{lead} The chosen model is {side} by {size}, more than luck explains."
    return f"{lead} The chosen model is {side} by {size}, and that can be luck: unclear."
