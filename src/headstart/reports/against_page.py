"""against-NAME.html: two runs on the same test examples, one file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.core.files import write_text
from headstart.reports.axes import Axis, linear_axis
from headstart.reports.frame import draw
from headstart.reports.measures import Measure, measure
from headstart.reports.names import shorten
from headstart.reports.numbers import Interval, count
from headstart.reports.run_files import listing, mapping


@dataclass(frozen=True)
class GroupRow:
    """A difference on some of the examples; positions in percent."""

    name: str
    n: str
    value: str
    span: str
    at: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class AgainstPage:
    """Everything that the template draws.

    Attributes:
        values: Name of the run and its value, both.
        rows: All examples first, then group by group; ``columns`` names the stretches.
        gained, lost: Names of examples; None where they may not be shown.
    """

    one: str
    other: str
    sentence: str
    metric: str
    values: tuple[tuple[str, str], ...]
    axis: Axis
    zero: float
    columns: tuple[tuple[str, tuple[GroupRow, ...]], ...]
    changed: tuple[tuple[str, str, tuple[str, ...] | None], ...]


def render_against(path: Path, document: Mapping[str, Any], *, examples: bool = True) -> Path:
    """Write the page of :func:`headstart.evidence.against.against` and return its path."""
    write_text(path, draw("against.html", page=page_of(document, examples=examples)))
    return path


def page_of(document: Mapping[str, Any], *, examples: bool = True) -> AgainstPage:
    """What the template draws; ``examples``: whether names of examples may be in it."""
    shown = measure(str(document["primary"]))
    values = mapping(document.get(document["primary"]))
    groups = {column: mapping(rows) for column, rows in mapping(document.get("groups")).items()}
    everything = {
        "": {"All test examples": {"n": document.get("n"), "difference": document.get("difference")}},
        **groups,
    }
    found = [Interval.of(mapping(row).get("difference")) for rows in everything.values() for row in rows.values()]
    axis = linear_axis([0.0, *(end for each in found if each for end in each.ends)], shown.tick)
    one, other = (shorten(str(document.get(name) or ""), 60) for name in ("one", "other"))
    return AgainstPage(
        one=one,
        other=other,
        sentence=str(document.get("sentence") or ""),
        metric=shown.label,
        values=tuple(
            (name, shown.value(Interval.of(values.get(key)))) for name, key in ((one, "one"), (other, "other"))
        ),
        axis=axis,
        zero=axis.at(0.0),
        columns=tuple(
            (column and shorten(column), difference_rows(shown, rows, axis)) for column, rows in everything.items()
        ),
        changed=_changed(document, one, examples=examples),
    )


def difference_rows(shown: Measure, rows: Mapping[str, Any], axis: Axis) -> tuple[GroupRow, ...]:
    """One row for each that has a difference: ``rows`` by name, with ``n`` and ``difference``."""
    found = []
    for name, raw in rows.items():
        each = Interval.of(mapping(raw).get("difference"))
        if each is None:
            continue
        low, high = (axis.at(end) for end in each.bounds) if each.bounds else (None, None)
        value = f"{shown.difference(each)}{shown.points}"
        found.append(
            GroupRow(shorten(name), count(mapping(raw).get("n")), value, shown.difference_range(each),
                     axis.at(each.value), low, high)
        )  # fmt: skip
    return tuple(found)


def _changed(
    document: Mapping[str, Any], one: str, *, examples: bool
) -> tuple[tuple[str, str, tuple[str, ...] | None], ...]:
    counts, names = mapping(document.get("mcnemar")), mapping(document.get("changed"))
    if not counts:
        return ()
    sorts = ((f"Only {one} is right", "only_one", "gained"), (f"Only {one} is wrong", "only_other", "lost"))
    return tuple(
        (
            title,
            count(counts.get(number)),
            tuple(shorten(str(each), 80) for each in listing(names.get(key))) if examples else None,
        )
        for title, number, key in sorts
    )
