"""What the page of an adaptation says of the ways that were tried: gains, where they come from, time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headstart.reports.axes import Axis, linear_axis
from headstart.reports.forest import ForestRow
from headstart.reports.names import quoted
from headstart.reports.numbers import NO_VALUE, Interval, count, duration, is_number, signed
from headstart.reports.run_files import listing, mapping

Row = tuple[str, ...]
ESTIMATED = (
    "How much better it is there than the model as it is (the dashed line) is estimated without labels, from how such "
    "estimates went on other data whose labels were known: it is no measurement."
)
CHECKED = (
    "How much better it is there than the model as it is (the dashed line) is estimated from how such estimates "
    "went on other data, and checked by {} labelled examples."
)
TAUGHT = (
    " Labels that teach a way do not check it: its gain comes from answers to each of them by a head that it did not "
    "teach."
)


@dataclass(frozen=True)
class WaysTried:
    """Gains on one axis, the best first; ``took`` has all ways, those without an estimate too."""

    gains: tuple[ForestRow, ...]
    axis: Axis | None
    zero: float | None
    read: str
    says: str
    took: tuple[Row, ...]


def ways_tried(section: Mapping[str, Any]) -> WaysTried:
    """From the section ``adaptation``."""
    tried = [mapping(each) for each in listing(section.get("methods"))]
    taught = [each for each in tried if is_number(mapping(each.get("report")).get("won"))]
    labels = section.get("few_labels")
    read = CHECKED.format(count(labels)) if labels else ESTIMATED
    known = [(each, Interval.of(each.get("gain"))) for each in tried]
    there = sorted(((each, gain) for each, gain in known if gain is not None), key=lambda pair: -pair[1].value)
    took = tuple((_title(each), duration(each["seconds"])) for each in tried if is_number(each.get("seconds")))
    says = " ".join(_won(each) for each in taught)
    read += TAUGHT if taught else ""
    if not there:
        return WaysTried((), None, None, read, says, took)
    axis = linear_axis(
        [0.0, *(end for _, gain in there for end in gain.ends)], lambda value: f"{value:+g}" if value else "0"
    )
    return WaysTried(tuple(_row(each, gain, axis) for each, gain in there), axis, axis.at(0.0), read, says, took)


def _row(each: Mapping[str, Any], gain: Interval, axis: Axis) -> ForestRow:
    low, high = (axis.at(end) for end in gain.bounds) if gain.bounds else (None, None)
    span = f"{signed(gain.bounds[0], 1)} to {signed(gain.bounds[1], 1)}" if gain.bounds else ""
    changes = each.get("changes")
    differ = count(changes) if is_number(changes) else NO_VALUE
    return ForestRow(_title(each), differ, signed(gain.value, 1), span, axis.at(gain.value), low, high)


def _won(each: Mapping[str, Any]) -> str:
    report = mapping(each.get("report"))
    won, lost, labels = (count(report.get(name)) for name in ("won", "lost", "labels"))
    return f"{quoted(_title(each))}: of {labels} labelled examples {won} won, {lost} lost."


def _title(each: Mapping[str, Any]) -> str:
    return str(each.get("title") or each.get("name"))
