"""The map of two domains before and after an adaptation: dots and rings with a colour and a number for each class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from headstart.reports.axes import Axis, linear_axis
from headstart.reports.names import shorten
from headstart.reports.numbers import decimal, is_number, percent
from headstart.reports.run_files import listing, mapping

COLOURS = 8  # as many as style.css defines
OTHER = 0  # the colour of every further class
STILL = 0.005  # difference of two areas under the curve that is none
TITLES = {"before": "Before", "after": "After"}


@dataclass(frozen=True)
class Mark:
    """An example, or the number of a class: place in percent, y from the top; ``colour`` 1 to 8, 0 for the others."""

    x: float
    y: float
    colour: int


@dataclass(frozen=True)
class Panel:
    """One drawing; ``numbers`` stand in the middle of each class."""

    title: str
    source: tuple[Mark, ...]
    target: tuple[Mark, ...]
    numbers: tuple[Mark, ...]


@dataclass(frozen=True)
class DomainMap:
    """Panels beside each other, the names of the coloured classes, and what there is to see in words."""

    panels: tuple[Panel, ...]
    classes: tuple[str, ...]
    has_others: bool
    has_source: bool
    says: str


def domain_map(raw: Mapping[str, Any]) -> DomainMap | None:
    """None where there is no point to draw."""
    parts = {name: mapping(raw.get(name)) for name in TITLES}
    points = {name: {side: _points(part.get(side)) for side in ("source", "target")} for name, part in parts.items()}
    found = {name: sides for name, sides in points.items() if sides["source"] or sides["target"]}
    if not found:
        return None
    every = [each for sides in found.values() for side in sides.values() for each in side]
    names = [shorten(str(name), 60) for name in listing(raw.get("classes"))[:COLOURS]]
    return DomainMap(
        tuple(_panel(TITLES[name] if len(found) > 1 else "", sides) for name, sides in found.items()),
        tuple(names),
        any(colour == OTHER for _, _, colour in every),
        any(sides["source"] for sides in found.values()),
        " ".join(_says(parts["before"], parts["after"])),
    )


def told_apart(part: Mapping[str, Any]) -> float | None:
    """Area under the curve of a classifier of domains."""
    auc = mapping(part.get("told_apart")).get("auc")
    return float(auc) if is_number(auc) else None


Point = tuple[float, float, int]


def _points(raw: Any) -> list[Point]:
    return [
        (float(each[0]), float(each[1]), int(each[2]) + 1 if 0 <= each[2] < COLOURS else OTHER)
        for each in listing(raw)
        if isinstance(each, list) and len(each) == 3 and all(map(is_number, each))
    ]


def _panel(title: str, sides: Mapping[str, Sequence[Point]]) -> Panel:
    every = [*sides["source"], *sides["target"]]
    across, up = (linear_axis([each[number] for each in every], str, is_tight=True) for number in (0, 1))
    labelled = sides["source"] or sides["target"]
    middles = []
    for colour in sorted({each[2] for each in labelled} - {OTHER}):
        own = [each for each in labelled if each[2] == colour]
        middles.append((median(each[0] for each in own), median(each[1] for each in own), colour))
    marks = (tuple(_mark(across, up, each) for each in part) for part in (sides["source"], sides["target"], middles))
    return Panel(title, *marks)


def _mark(across: Axis, up: Axis, point: Point) -> Mark:
    x, y, colour = point
    return Mark(across.at(x), round(100 - up.at(y), 2), colour)


def _says(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    told, then = told_apart(before), told_apart(after)
    said = []
    if told is not None:
        said.append(f"Of one old and one new example, a classifier of domains picks the new one {_times(told)}")
        if then is None:
            said[-1] += "; 50 would be guessing."
        elif abs(then - told) < STILL:
            said[-1] += ", before and after (50 would be guessing): the examples stay where they are."
        else:
            said[-1] += f" before and {_times(then)} after; 50 would be guessing."
    elif before.get("source"):
        said.append(
            "Too few old examples, or groups of them, were held out to say how well the domains can be told apart."
        )
    together, later = before.get("together"), after.get("together")
    if is_number(together):
        said.append(
            f"{percent(float(together), 0)} of the old examples have one of their own class as nearest neighbour"
        )
        said[-1] += f", {percent(float(later), 0)} after." if is_number(later) else "."
    return said


def _times(auc: float) -> str:
    return f"{decimal(100 * auc, 0)} times in 100"
