"""Where the line between yes and no is drawn, what other places would give, and whether a request was kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headstart.reports.measures import level_text
from headstart.reports.names import quoted
from headstart.reports.numbers import NO_VALUE, Interval, decimal, is_number, number, percent
from headstart.reports.run_files import RunFiles, listing, mapping
from headstart.reports.sections.section import Section

RARE = (
    "Probabilities are frequencies. Before the largest decides, each is multiplied by a factor, larger for rarer "
    "classes, since macro-F1 counts all classes alike; how much larger is what gave the most on held-out examples."
)
COLUMNS = ("recall", "precision", "flagged")


@dataclass(frozen=True)
class Figure:
    """A share and its bounds as text."""

    value: str
    span: str


@dataclass(frozen=True)
class Point:
    """What one threshold gives."""

    threshold: str
    figures: tuple[Figure, ...]
    is_own: bool


@dataclass(frozen=True)
class Cost:
    """A mean by name, with its bounds: of costs, or of what factors change."""

    name: str
    value: str
    span: str


@dataclass(frozen=True)
class Decision:
    """Operating points by threshold, or other figures, or both."""

    positive: str
    points: tuple[Point, ...]
    costs: tuple[Cost, ...]
    level: str


def build(run: RunFiles) -> Section | None:
    """None where the evidence has neither operating points nor other figures."""
    section = run.section("decision")
    own = mapping(section.get("rule")).get("threshold")
    raw = [mapping(point) for point in listing(section.get("operating_points"))]
    points = tuple(_point(point, own) for point in raw if is_number(point.get("threshold")))
    costs = _costs(section)
    if not points and not costs:
        return None
    positive = quoted(str(section.get("positive") or ""))
    intervals = [each for point in raw for name in COLUMNS if (each := Interval.of(point.get(name)))]
    read = (
        f"A threshold is the probability of {positive} from which on the answer is {positive}. Recall: of those that "
        "are, the share that is found. Precision: of those that are called so, the share that is right. Flagged: the "
        "share of all that is called so. fit --set decision.recall=0.95 chooses it on held-out examples."
        if points
        else RARE
        if "factors" in section
        else "What a mistake costs was given; the class of least expected cost is predicted."
    )
    content = Decision(positive, points, costs, level_text(intervals))
    return Section("decision", "Where is the line drawn?", "Threshold", _says(section), read, content)


def _point(point: Mapping[str, Any], own: Any) -> Point:
    threshold = float(point["threshold"])
    return Point(
        decimal(threshold, 2 if threshold == round(threshold, 1) else 3),
        tuple(_figure(Interval.of(point.get(name))) for name in COLUMNS),
        is_number(own) and threshold == own,
    )


def _figure(each: Interval | None) -> Figure:
    if each is None:
        return Figure(NO_VALUE, "")
    span = (
        f"{percent(each.low, 0)} to {percent(each.high, 0)}" if each.low is not None and each.high is not None else ""
    )
    return Figure(percent(each.value, 0), span)


def _costs(section: Mapping[str, Any]) -> tuple[Cost, ...]:
    names = {
        "cost": "Mean cost of an answer",
        "cost_of_the_most_probable": "If the most probable class were predicted",
        "saved": "Saved",
        "others": "Share of answers that are not the most probable class",
        "gained": "Macro-F1 that they gain",
    }
    found = [(label, each) for name, label in names.items() if (each := Interval.of(section.get(name)))]
    return tuple(
        Cost(label, number(each.value), f"{number(each.low)} to {number(each.high)}" if each.bounds else "no interval")
        for label, each in found
    )


def _says(section: Mapping[str, Any]) -> str:
    said = str(section.get("says") or section.get("note") or "")
    return (
        said or "The more probable of the two classes is predicted. Another threshold trades one mistake for another."
    )
