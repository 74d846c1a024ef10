"""The updated model beside the one it goes on from: what was gained, and what was forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headstart.reports.against_page import GroupRow, difference_rows
from headstart.reports.axes import Axis, linear_axis
from headstart.reports.measures import Measure, measure
from headstart.reports.names import shorten
from headstart.reports.numbers import Interval, count, is_number
from headstart.reports.run_files import RunFiles, listing, mapping
from headstart.reports.sections.section import Section

MOST_CLASSES = 12  # drawn: those that changed most
OLD, NEW = "Old test examples", "New test examples"
GATE = {"old": "Old training examples, held out", "new": "New training examples, held out"}


@dataclass(frozen=True)
class Update:
    """Differences of the two models, positions in percent.

    Attributes:
        tables: Caption and rows of each; the first holds all examples, the others groups and classes.
        facts: What was added, by name.
    """

    metric: str
    axis: Axis
    zero: float
    tables: tuple[tuple[str, tuple[GroupRow, ...]], ...]
    facts: tuple[tuple[str, str], ...]


def build(run: RunFiles) -> Section | None:
    """None where the run goes on from no other."""
    section = run.section("update")
    old, new, gate = (mapping(section.get(key)) for key in ("old_test", "new_test", "gate"))
    tables: dict[str, dict[str, Any]] = {
        "": {OLD: old, NEW: new, **{title: mapping(gate.get(key)) for key, title in GATE.items()}},
        **{f"Old test examples by {shorten(name)}": dict(mapping(each)) for name, each in _groups(old)},
        "Old test examples by class": _changed(mapping(old.get("classes"))),
    }
    found = [Interval.of(mapping(row).get("difference")) for rows in tables.values() for row in rows.values()]
    if not any(found):
        return None
    shown = measure(run.primary)
    axis = linear_axis([0.0, *(end for each in found if each for end in each.ends)], shown.difference_tick)
    drawn = tuple((title, rows) for title, raw in tables.items() if (rows := difference_rows(shown, raw, axis)))
    name = shorten(str(mapping(section.get("from")).get("name") or "the old run"), 60)
    return Section(
        "update",
        f"Is it better than {name}?",
        "Update",
        str(gate.get("why") or "").capitalize().removesuffix(".") + ". That was decided on training examples that "
        "neither model learned from, before the test was read.",
        "Both models judged the same examples. Right of the dashed line the updated model is better; what lies left of "
        "it on the old examples was forgotten. A bar that crosses the line may be chance.",
        Update(shown.label, axis, axis.at(0.0), drawn, _facts(mapping(section.get("added")))),
        is_wide=True,
        glance=_glance(shown, old, new),
    )


def _glance(shown: Measure, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Of the two parts of the test."""
    parts = [(each, what) for raw, what in ((old, "old"), (new, "new")) if (each := Interval.of(raw.get("difference")))]
    said = [f"{shown.difference(each)}{shown.points} on the {what} test examples" for each, what in parts]
    return f"{shown.label}: {', '.join(said)}." if said else ""


def _groups(part: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(name, each) for name, each in mapping(part.get("groups")).items() if mapping(each)]


def _changed(classes: Mapping[str, Any]) -> dict[str, Any]:
    """The classes that changed most, the losses first."""
    known = {name: each for name, raw in classes.items() if Interval.of((each := mapping(raw)).get("difference"))}
    value = {name: mapping(each["difference"])["value"] for name, each in known.items()}
    most = sorted((name for name in known if value[name]), key=lambda name: (-abs(value[name]), name))[:MOST_CLASSES]
    return {name: known[name] for name in sorted(most, key=lambda name: (value[name], name))}


def _facts(added: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    copies = sum(value for value in mapping(added.get("copies")).values() if is_number(value))
    figures = (("added", added.get("n")), ("learned from", added.get("train")), ("for validation", added.get("val")),
               ("for the test", added.get("test")), ("left out as copies", copies))  # fmt: skip
    facts = [(name, count(value)) for name, value in figures if is_number(value) and value]
    new = [shorten(str(name)) for name in listing(added.get("new_classes"))]
    return (*facts, *((("new classes", ", ".join(new)),) if new else ()))
