"""How the metric grows with training examples, and what twice as many would give."""

from __future__ import annotations

from dataclasses import dataclass

from headstart.reports.axes import Axis, linear_axis, log_axis
from headstart.reports.measures import Measure, level_text, measure
from headstart.reports.numbers import Interval, count
from headstart.reports.run_files import RunFiles, listing, mapping
from headstart.reports.sections.section import Section


@dataclass(frozen=True)
class Point:
    """A point of the curve: positions in percent from the left and from the top, and its numbers as text."""

    x: float
    y: float
    low: float | None
    high: float | None
    n: str
    value: str
    span: str
    is_forecast: bool


@dataclass(frozen=True)
class LearningCurve:
    """Points by number of training examples, the forecast last; ``band`` is the outline of the intervals."""

    metric: str
    points: tuple[Point, ...]
    x_axis: Axis
    y_axis: Axis
    band: str
    line: str
    forecast_line: str
    note: str
    level: str
    summary: str


def build(run: RunFiles) -> Section | None:
    """None with fewer than two measured points, unless the note says why there are none."""
    curve = run.section("learning_curve")
    title, short, note = "Would more labels help?", "More labels", str(curve.get("note") or "")
    measured = _read(listing(curve.get("points")))
    if len(measured) < 2:
        says = f"That could not be measured: {note.rstrip('.')}."
        return Section("learning_curve", title, short, says, "", None) if note else None
    forecast = _read([curve.get("forecast")])[:1]
    shown = measure(str(curve.get("metric") or run.primary))
    says = _says(shown, measured, forecast)
    content = _draw(shown, measured, forecast, note, says)
    read = f"Dots are measured, the shaded band is the {content.level} interval."
    if forecast:
        read += " The hollow dot is a forecast: the curve drawn on, not a measurement."
    return Section("learning_curve", title, short, says, read, content)


def _read(raw: list[object]) -> list[tuple[int, Interval]]:
    """``(n, interval)`` by n; entries without both are left out."""
    found = [(mapping(item).get("n"), Interval.of(item)) for item in raw]
    known = [(int(n), each) for n, each in found if isinstance(n, int | float) and n > 0 and each is not None]
    return sorted(known, key=lambda point: point[0])


def _draw(
    shown: Measure, measured: list[tuple[int, Interval]], forecast: list[tuple[int, Interval]], note: str, says: str
) -> LearningCurve:
    everything = [*measured, *forecast]
    x_axis = log_axis([n for n, _ in everything], count)
    y_axis = linear_axis(
        (end for _, each in everything for end in each.ends),
        shown.tick,
        within=shown.limits,
    )
    points = tuple(
        _point(shown, n, each, x_axis, y_axis, is_forecast=i >= len(measured)) for i, (n, each) in enumerate(everything)
    )
    solid = [point for point in points if not point.is_forecast]
    banded = [point for point in solid if point.low is not None and point.high is not None]
    outline = [(p.x, p.high) for p in banded] + [(p.x, p.low) for p in reversed(banded)]
    return LearningCurve(
        metric=shown.label,
        points=points,
        x_axis=x_axis,
        y_axis=y_axis,
        band=" ".join(f"{x},{y}" for x, y in outline) if len(banded) > 1 else "",
        line=" ".join(f"{p.x},{p.y}" for p in solid),
        forecast_line=" ".join(f"{p.x},{p.y}" for p in points[len(solid) - 1 :]) if forecast else "",
        note=note,
        level=level_text(each for _, each in everything),
        summary=f"{shown.label} against the number of training examples. {says}",
    )


def _point(shown: Measure, n: int, each: Interval, x_axis: Axis, y_axis: Axis, *, is_forecast: bool) -> Point:
    low, high = (round(100 - y_axis.at(end), 2) for end in each.bounds) if each.bounds else (None, None)
    return Point(
        x_axis.at(n),
        round(100 - y_axis.at(each.value), 2),
        low,
        high,
        count(n),
        shown.value(each),
        shown.range(each) or "no interval",
        is_forecast,
    )


def _says(shown: Measure, measured: list[tuple[int, Interval]], forecast: list[tuple[int, Interval]]) -> str:
    (first_n, first), (last_n, last) = measured[0], measured[-1]
    text = (
        f"From {count(first_n)} to {count(last_n)} training examples, {shown.inline} goes from "
        f"{shown.value(first)} to {shown.value(last)}."
    )
    if not forecast:
        return text
    n, ahead = forecast[0]
    gain = Interval(ahead.value - last.value)
    return (
        f"{text} With {count(n)}, about {shown.value(ahead)} can be expected ({shown.difference(gain)}{shown.points})."
    )
