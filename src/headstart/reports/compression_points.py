"""Every way that was measured as a row of a table, with the command that ships it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headstart.reports.compression_plot import unit_of
from headstart.reports.numbers import NO_VALUE, Interval, decimal, is_number, signed
from headstart.reports.run_files import mapping

Row = tuple[str, ...]
MEGABYTE = 1e6


@dataclass(frozen=True)
class PointRow:
    """A point in the table; ``note`` marks it, ``command`` ships it."""

    number: str
    name: str
    cells: Row
    note: str
    command: str


def points_of(points: Sequence[Mapping[str, Any]], section: Mapping[str, Any], folder: str) -> tuple[PointRow, ...]:
    """One row each, in their order; ``folder`` is that of the page."""
    unit, graphs = unit_of(points), mapping(section.get("graphs"))
    rows = []
    for place, each in enumerate(points):
        name, took = str(each.get("name")), mapping(each.get("milliseconds"))
        lost, low_high = each.get("points"), bounds_of(each, unit)
        is_chosen = name == str(section.get("chosen"))
        note = "ships" if is_chosen else "the model" if place == 0 else "front" if each.get("front") else ""
        cells = (
            signed(float(lost), 1) if is_number(lost) else NO_VALUE,
            f"{low_high[0]} to {low_high[1]}" if low_high[0] != low_high[1] else NO_VALUE,
            signed(float(each["expected"]), 1) if is_number(each.get("expected")) and place else NO_VALUE,
            *(decimal(float(v), 2) if is_number(v := took.get(key)) else NO_VALUE for key in ("alone", "batch")),
            decimal(float(each["speedup"]), 2) if is_number(each.get("speedup")) else NO_VALUE,
            megabytes(each.get("bytes")),
            megabytes(each.get("memory")),
        )
        command = f"headstart compress {shlex.quote(folder)} --pick {place} --out NEW"
        rows.append(PointRow(str(place), name, cells, note, command if name in graphs and not is_chosen else ""))
    return tuple(rows)


def bounds_of(each: Mapping[str, Any], unit: float) -> tuple[str, str]:
    """Of the points lost, as text."""
    gap = Interval.of(each.get("difference"))
    if gap is None or gap.bounds is None:
        return NO_VALUE, NO_VALUE
    low, high = sorted(unit * end for end in gap.bounds)
    return signed(low, 1), signed(high, 1)


def megabytes(size: Any) -> str:
    """Bytes as a number of megabytes."""
    return decimal(float(size) / MEGABYTE, 1 if size >= MEGABYTE else 3) if is_number(size) else NO_VALUE
