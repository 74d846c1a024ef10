"""What the metric is where inputs are worse than those learned from, strength by strength."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headstart.reports.axes import Axis, linear_axis
from headstart.reports.figures import in_words
from headstart.reports.measures import Measure, measure
from headstart.reports.names import shorten
from headstart.reports.numbers import Interval, number
from headstart.reports.run_files import RunFiles, listing, mapping
from headstart.reports.sections.section import Section


@dataclass(frozen=True)
class Step:
    """One strength; ``y`` in percent from the top."""

    strength: str
    value: str
    change: str
    x: float
    y: float
    breaks: bool


@dataclass(frozen=True)
class Curve:
    """One corruption, from no strength on; ``line`` are its points."""

    name: str
    part: str
    unit: str
    steps: tuple[Step, ...]
    line: str


@dataclass(frozen=True)
class Robustness:
    """All corruptions on one axis; ``clean_at`` in percent from the top."""

    metric: str
    clean: str
    clean_at: float
    curves: tuple[Curve, ...]
    axis: Axis


def build(run: RunFiles) -> Section | None:
    """None where nothing was tried."""
    shown, clean = measure(str(run.robustness.get("primary") or run.primary)), Interval.of(run.robustness.get("clean"))
    raw = [mapping(each) for each in listing(run.robustness.get("corruptions"))]
    points = [(each, _points(each, run)) for each in raw]
    known = [(each, found) for each, found in points if found]
    if clean is None or not known:
        return None
    values = [clean.value, *(value.value for _, found in known for _, value, _ in found)]
    axis = linear_axis(values, shown.tick, within=shown.limits)
    content = Robustness(
        shown.label, shown.value(clean), round(100 - axis.at(clean.value), 2),
        tuple(_curve(each, found, shown, axis, clean.value) for each, found in known), axis,
    )  # fmt: skip
    read = (
        f"Each line begins at {shown.inline} of the inputs as they are and ends at the strongest corruption. A mark "
        "says that five points or more are lost. Where inputs in use look like this, look at them before you trust the "
        "model."
    )
    says = str(run.robustness.get("sentence") or "")
    return Section("robustness", "What if inputs are worse?", "Robustness", says, read, content, is_wide=True)


def _points(each: Mapping[str, Any], run: RunFiles) -> list[tuple[Any, Interval, Interval | None]]:
    metric = str(run.robustness.get("primary") or run.primary)
    found = [mapping(point) for point in listing(each.get("points"))]
    return [
        (point.get("strength"), value, Interval.of(point.get("change")))
        for point in found
        if (value := Interval.of(point.get(metric)))
    ]


def _curve(
    each: Mapping[str, Any], points: list[tuple[Any, Interval, Interval | None]], shown: Measure, axis: Axis,
    clean: float,
) -> Curve:  # fmt: skip
    steps, has_broken = [], False
    for place, (strength, value, change) in enumerate(points, 1):
        is_first = each.get("breaks") is True and strength == each.get("breaks_at")
        has_broken = has_broken or is_first
        steps.append(
            Step(number(strength) if strength is not None else "", shown.value(value),
                 f"{shown.difference(change)}{shown.points}" if change else "",
                 round(100 * place / len(points), 2), round(100 - axis.at(value.value), 2), has_broken)
        )  # fmt: skip
    line = " ".join(f"{x},{y}" for x, y in [(0.0, round(100 - axis.at(clean), 2)), *((s.x, s.y) for s in steps)])
    return Curve(
        in_words(shorten(str(each.get("name") or ""))),
        shorten(str(each.get("part") or "")) if each.get("part") else "",
        str(each.get("unit") or ""), tuple(steps), line,
    )  # fmt: skip
