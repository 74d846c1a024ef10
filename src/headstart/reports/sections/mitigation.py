"""What each way to help the group that is served worst would give, and what it would cost everyone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headstart.reports.axes import Axis, linear_axis
from headstart.reports.names import shorten
from headstart.reports.numbers import Interval, count, decimal, is_number, percent, signed
from headstart.reports.run_files import RunFiles, listing, mapping
from headstart.reports.sections.section import Section


@dataclass(frozen=True)
class Point:
    """One mitigation of one strength; positions in percent from the left and from the top."""

    name: str
    strength: str
    mean: str
    worst: str
    group: str
    change: str
    x: float
    y: float
    ships: bool
    is_plain: bool
    is_on_front: bool


@dataclass(frozen=True)
class Mitigations:
    """The trade-off curve."""

    points: tuple[Point, ...]
    x_axis: Axis
    y_axis: Axis
    summary: str


def build(run: RunFiles) -> Section | None:
    """None where no mitigation was asked for."""
    section = run.section("mitigation")
    raw = [mapping(each) for each in listing(section.get("points"))]
    known = [(each, mean, worst) for each in raw if (mean := _value(each, "mean")) and (worst := _value(each, "worst"))]
    if not known:
        return None
    x_axis = _axis([mean for _, mean, _ in known])
    y_axis = _axis([worst for _, _, worst in known])
    ships = _ships(section)
    points = tuple(_point(each, mean, worst, x_axis, y_axis, ships=_of(each) == ships) for each, mean, worst in known)
    says = _says(section, raw, ships)
    read = (
        "Each dot is the model changed in one way: to the right it is right more often in the mean, further up the "
        f"group that is served worst fares better. All of it is measured on held-out folds of the {_from(section)}. "
        "Nothing is changed unless you ask for it: fit --set mitigation=NAME."
    )
    return Section("mitigation", "Can it serve everyone better?", "Mitigation", says, read,
                   Mitigations(points, x_axis, y_axis, says))  # fmt: skip


def _from(section: Mapping[str, Any]) -> str:
    return str(section.get("from") or "training examples")


def _axis(values: list[Interval]) -> Axis:
    return linear_axis((each.value for each in values), lambda value: percent(value, 0), within=(0.0, 1.0))


def _value(each: Mapping[str, Any], name: str) -> Interval | None:
    return Interval.of(each.get(name))


def _of(each: Mapping[str, Any]) -> tuple[str, float]:
    strength = each.get("strength")
    return str(each.get("mitigation") or ""), float(strength) if is_number(strength) else 0.0


def _ships(section: Mapping[str, Any]) -> tuple[str, float]:
    asked = mapping(section.get("asked"))
    if section.get("ships") in (None, "none"):
        return "none", 0.0
    return str(section["ships"]), float(asked["strength"]) if is_number(asked.get("strength")) else 1.0


def _point(
    each: Mapping[str, Any], mean: Interval, worst: Interval, x_axis: Axis, y_axis: Axis, *, ships: bool
) -> Point:
    name, strength = _of(each)
    changes = (_value(each, "worst_change"), _value(each, "mean_change"))
    change = ", ".join(signed(100 * found.value, 1) for found in changes if found)
    group = shorten(str(mapping(each.get("worst")).get("group") or ""))
    return Point(
        "as it is" if name == "none" else name, "" if name == "none" else decimal(strength, 2), percent(mean.value),
        percent(worst.value), group, change, x_axis.at(mean.value), round(100 - y_axis.at(worst.value), 2), ships,
        name == "none", bool(each.get("is_on_front")),
    )  # fmt: skip


def _says(section: Mapping[str, Any], raw: list[Mapping[str, Any]], ships: tuple[str, float]) -> str:
    plain = next((each for each in raw if each.get("mitigation") == "none"), None)
    said = [str(plain.get("sentence") or "")] if plain else []
    at = section.get("chosen")
    best = raw[int(at)] if is_number(at) and 0 <= at < len(raw) else None
    if best is plain or best is None:
        said.append("Nothing tried gives the worst group more for at most two points of the mean.")
    else:
        said.append(f"Best for at most two points of the mean: {best.get('sentence')}")
    said.append("The model as it is ships." if ships[0] == "none" else f"{ships[0]} ships, as asked.")
    rows = section.get("n")
    return " ".join([*said, f"On {count(rows)} held-out examples." if is_number(rows) else ""]).strip()
