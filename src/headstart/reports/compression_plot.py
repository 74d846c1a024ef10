"""Points of a compression as a drawing: what each loses, with its interval, against the time that it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headstart.reports.axes import Axis, linear_axis, log_axis
from headstart.reports.names import shorten
from headstart.reports.numbers import Interval, decimal, is_number

CLOSE = (4.0, 7.0)  # percent of width and height: numbers of neighbours would lie on each other
TICKS = 5
ROUND = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0)  # times a power of ten
SHARES = 100.0


@dataclass(frozen=True)
class Mark:
    """A point that is placed; positions in percent, y from the top; ``label`` may be empty."""

    style: str
    x: float
    y: float
    low: float | None
    high: float | None
    label: str
    text: str
    is_right: bool


@dataclass(frozen=True)
class ParetoPlot:
    """Marks, the line through those that nothing else beats, and where nothing is lost and all that may be."""

    marks: tuple[Mark, ...]
    front: str
    x_axis: Axis
    y_axis: Axis
    zero: float
    allowed: float | None


def unit_of(points: Sequence[Mapping[str, Any]]) -> float:
    """Points of a unit of the metric, as the points tell it: 100 for shares."""
    known = ((each.get("points"), Interval.of(each.get("difference"))) for each in points)
    return next(
        (float(told) / gap.value for told, gap in known if is_number(told) and gap is not None and gap.value), SHARES
    )


def pareto_plot(
    points: Sequence[Mapping[str, Any]], chosen: str | None, max_drop: float | None, by: str = "both"
) -> ParetoPlot | None:
    """None where fewer than two points have a time.

    Args:
        points: Of the evidence, the model as it is first.
        chosen: Name of the one that ships.
        max_drop: Points that may be lost.
        by: Which time they stand at: of an input among many for "throughput", else of one at a time.
    """
    known = [(number, each, took) for number, each in enumerate(points) if (took := time_of(each, by)) is not None]
    known = [one for one in known if is_number(one[1].get("points"))]
    if len(known) < 2:
        return None
    unit = unit_of(points)
    spans = {number: _span(each, unit) for number, each, _ in known}
    floor = [] if max_drop is None else [-max_drop]
    lost = [0.0, *floor, *(float(each["points"]) for _, each, _ in known)]
    # an allowance that nobody comes near, and the end of one long interval, must not press the others together
    deepest = 1.5 * min(float(each["points"]) for _, each, _ in known) - 3.0
    ends = [max(end, deepest) for span in spans.values() if span for end in span]
    y_axis = linear_axis([*(max(value, deepest) for value in lost), *ends], lambda v: f"{v:+g}" if v else "0")
    x_axis = _times([took for _, _, took in known])
    taken: list[tuple[float, float]] = []
    order = sorted(known, key=lambda one: (one[1].get("name") != chosen, one[0] > 0, not one[1].get("front")))
    marks = [_mark(one, chosen, spans[one[0]], x_axis, y_axis, taken) for one in order]
    front = _line([(mark.x, mark.y) for one, mark in zip(order, marks, strict=True) if one[1].get("front")])
    allowed = None if max_drop is None or -max_drop < y_axis.low else round(100 - y_axis.at(-max_drop), 2)
    return ParetoPlot(
        tuple(reversed(marks)),  # the chosen one is drawn last, above the others
        " ".join(f"{x},{y}" for x, y in front) if len(front) > 1 else "",
        x_axis, y_axis, round(100 - y_axis.at(0.0), 2), allowed,
    )  # fmt: skip


def _line(places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Without those that only their size keeps: the fastest first, each better (y from the top) than the last."""
    found: list[tuple[float, float]] = []
    for x, y in sorted(places):
        if not found or y < found[-1][1]:
            found.append((x, y))
    return found


def time_of(point: Mapping[str, Any], by: str) -> float | None:
    """Milliseconds of one input, above 0: among many for "throughput", else alone."""
    raw = point.get("milliseconds")
    took = raw.get("batch" if by == "throughput" else "alone") if isinstance(raw, Mapping) else None
    return float(took) if is_number(took) and took > 0 else None


def _mark(
    one: tuple[int, Mapping[str, Any], float],
    chosen: str | None,
    span: tuple[float, float] | None,
    x_axis: Axis,
    y_axis: Axis,
    taken: list[tuple[float, float]],
) -> Mark:
    number, each, took = one
    x, y = x_axis.at(took), round(100 - y_axis.at(float(each["points"])), 2)
    is_chosen, name = each.get("name") == chosen, shorten(str(each.get("name")), 30)
    label = ""
    if all(abs(x - there) > CLOSE[0] or abs(y - high) > CLOSE[1] for there, high in taken):
        label = f"{number} {name}" if is_chosen else str(number)
        taken.append((x, y))
    low, high = (None, None) if span is None else (round(100 - y_axis.at(end), 2) for end in span)
    style = "chosen" if is_chosen else "base" if number == 0 else "front" if each.get("front") else "beaten"
    text = f"{number}, {name}: {decimal(took, 2)} ms, {decimal(float(each['points']), 1)} points"
    return Mark(style, x, y, low, high, label, text, x > 60)


def _span(each: Mapping[str, Any], unit: float) -> tuple[float, float] | None:
    gap = Interval.of(each.get("difference"))
    if gap is None or gap.bounds is None or gap.bounds[0] == gap.bounds[1]:
        return None
    low, high = sorted(unit * end for end in gap.bounds)
    return low, high


def _times(took: Sequence[float]) -> Axis:
    """A logarithmic axis that begins and ends at round numbers."""
    low, high = min(took), max(took)
    rounds = [factor * 10.0**power for power in range(-4, 6) for factor in ROUND]
    first = max(each for each in rounds if each <= low)
    last = min(each for each in rounds if each >= high)
    inside = [each for each in rounds if first <= each <= last]
    if len(inside) < 2:
        inside = [first, first * 1.5]
    return log_axis(inside[:: max(1, len(inside) // (TICKS + 1))] + [inside[-1]], lambda value: f"{value:g}")
