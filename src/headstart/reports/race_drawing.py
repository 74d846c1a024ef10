"""A race as a drawing: the validation loss of every trial, at the second when it was reached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from headstart.reports.axes import Axis, linear_axis
from headstart.reports.numbers import NARROW_SPACE, count

HIGHEST = 2.0  # times the usual loss; what lies above would press everything else to the floor
CLOSE = (5.0, 9.0)  # percent of width and height: names of neighbours would lie on each other
MINUTE = 60.0


@dataclass(frozen=True)
class Course:
    """One trial: its number, and where it was after each of its cycles, as seconds and loss."""

    number: str
    points: tuple[tuple[float, float], ...]
    is_best: bool


@dataclass(frozen=True)
class Way:
    """A course that is placed; positions in percent, y from the top."""

    style: str
    line: str
    dots: tuple[tuple[float, float], ...]
    name: str


@dataclass(frozen=True)
class RaceDrawing:
    """Ways over time, and the loss they began from as a level."""

    ways: tuple[Way, ...]
    x_axis: Axis
    y_axis: Axis
    unit: str
    level: float | None
    note: str


def draw(courses: Sequence[Course], start: float | None, text: Callable[[float], str]) -> RaceDrawing | None:
    """None where fewer than two points are known: a dot says less than the table."""
    losses = [loss for course in courses for _, loss in course.points]
    if len(losses) < 2:
        return None
    top = HIGHEST * max(median(losses), start or 0.0)
    low = [loss for loss in losses if loss <= top]
    last = max(seconds for course in courses for seconds, _ in course.points)
    is_long = last > 2 * MINUTE
    scale = MINUTE if is_long else 1.0
    x_axis = linear_axis((0, last / scale), _tick, within=(0, float("inf")), steps=6)
    y_axis = linear_axis([*low, *([] if start is None else [start])], _tick, within=(0, float("inf")))

    def place(point: tuple[float, float]) -> tuple[float, float]:
        return x_axis.at(point[0] / scale), round(100 - y_axis.at(point[1]), 2)

    placed = [(each, [place(point) for point in each.points if point[1] <= top]) for each in courses]
    named = _names(placed)
    ways = [
        Way("chosen" if each.is_best else "", " ".join(f"{x},{y}" for x, y in dots), tuple(dots), named[each.number])
        for each, dots in placed
        if dots
    ]
    return RaceDrawing(
        ways=tuple(sorted(ways, key=lambda way: way.style == "chosen")),  # the best is drawn last, above the others
        x_axis=x_axis,
        y_axis=y_axis,
        unit="minutes" if is_long else "seconds",
        level=None if start is None or start > top else round(100 - y_axis.at(start), 2),
        note=_above(courses, top, text),
    )


def _names(placed: Sequence[tuple[Course, list[tuple[float, float]]]]) -> dict[str, str]:
    """Numbers beside their last points; of neighbours only one, of the best always."""
    found: dict[str, str] = {}
    taken: list[tuple[float, float]] = []
    for course, dots in sorted(placed, key=lambda each: not each[0].is_best):
        found[course.number] = ""
        if dots and all(abs(dots[-1][0] - x) > CLOSE[0] or abs(dots[-1][1] - y) > CLOSE[1] for x, y in taken):
            found[course.number] = course.number
            taken.append(dots[-1])
    return found


def _above(courses: Sequence[Course], top: float, text: Callable[[float], str]) -> str:
    missing = [each.number for each in courses if each.points and all(loss > top for _, loss in each.points)]
    if not missing:
        return ""
    return f"Above {text(top)}, and not drawn: {', '.join(missing)}."


def _tick(value: float) -> str:
    return count(value) if 1000 <= value < 1e7 else f"{value:.6g}".replace(" ", NARROW_SPACE)
