"""Plain columns in the graph: from one number a cell to the features of ``columns`` and ``raw_columns``.

The reader turns a row into ``values`` float64 ``(B, C)``, see :func:`laid_out`: a number as it is, a truth and a
category as a code, a date as its parts, NaN where a number is missing. What follows is in the graph: a category is a
look-up of what the fitted code gives for each of its levels, a number's curve is made of ramps.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from headstart.backbones.fitted.columns import CYCLES
from headstart.backbones.fitted.json_array import from_array, to_array
from headstart.backbones.fitted.number_curve import FURTHEST
from headstart.bundle import FittedBackbone
from headstart.core.schema import ColumnSchema
from headstart.core.table import Column, Table
from headstart.exporting.graph_nodes import Operators, Value

DOUBLE = np.float64  # years and identifiers are large beside what they differ by
PARTS = ("days", "year", "month", "weekday", "day", "hour")  # of a date, in this order
LARGEST = float(np.finfo(np.float32).max)
STEEPEST = 1e9  # a score that is bounded by 10 is so long before


@dataclass(frozen=True)
class Layout:
    """Where a column's values stand.

    Attributes:
        column: Name, kind, spelling.
        first: Place of its value; of a date that of its days.
        levels: Of a category, by code; one more stands for any other, and the last code for a missing one.
    """

    column: ColumnSchema
    first: int
    levels: tuple[str, ...] = ()


def laid_out(columns: Iterable[ColumnSchema], encoders: Iterable[FittedBackbone]) -> list[Layout]:
    """All columns in order; the levels of a category are those that any of the encoders knows."""
    known: dict[str, dict[str, None]] = {}
    for encoder in encoders:
        for facts in from_array(encoder.arrays["columns"]):
            for levels in (facts.get("levels", ()), *facts.get("orders", ())):
                known.setdefault(facts["name"], {}).update(dict.fromkeys(levels))
    found, place = [], 0
    for column in columns:
        levels = tuple(known.get(column.name, ())) if column.kind == "category" else ()
        found.append(Layout(column, place, levels))
        place += len(PARTS) if column.kind == "date" else 1
    return found


class ColumnFeatures:
    """Features of one encoder, block by block, in its own order."""

    def __init__(self, nodes: Operators, values: Value, layout: Iterable[Layout]) -> None:
        self.nodes = nodes
        self.values = values
        self.layout = {each.column.name: each for each in layout}
        self.blocks: list[str] = []

    def features(self, encoder: FittedBackbone) -> Value:
        """``(B, D)`` float32."""
        for facts in from_array(encoder.arrays["columns"]):
            layout = self.layout[facts["name"]]
            if layout.column.kind in ("category", "boolean"):
                self.blocks.append(self._looked_up(encoder, facts, layout))
            elif encoder.name == "raw_columns":
                self._raw(facts, layout)
            elif layout.column.kind == "number":
                self._curve(facts["curve"], self._at(layout.first))
                self._missing(facts, layout.first)
            else:
                self._date(facts, layout)
        return self.nodes("Concat", *self.blocks, axis=1)

    def _at(self, place: int, count: int = 1) -> Value:
        """``(B, count)`` float64 of values that stand side by side."""
        bounds = (self.nodes.constant([each], np.int64) for each in (place, place + count, 1))
        return self.nodes("Slice", self.values, *bounds)

    def _looked_up(self, encoder: FittedBackbone, facts: Mapping[str, Any], layout: Layout) -> Value:
        """What the encoder itself gives for each code, in a table."""
        nodes = self.nodes
        code = nodes("Squeeze", nodes.cast(self._at(layout.first), np.int64), nodes.constant([1], np.int64))
        return nodes("Gather", nodes.constant(table_of(encoder, facts, layout)), code, axis=0)

    def _raw(self, facts: Mapping[str, Any], layout: Layout) -> None:
        """Numbers as they are, within what float32 can hold; of dates the parts that vary."""
        nodes = self.nodes
        places = [layout.first + PARTS.index(part) for part in facts.get("parts", ("days",))]
        found = nodes("Gather", self.values, nodes.constant(places, np.int64), axis=1)
        if layout.column.kind == "number":
            bound = nodes.constant(LARGEST, DOUBLE)
            beyond = nodes("Greater", nodes("Abs", found), bound)  # not Clip: it may lose NaN
            found = nodes("Where", beyond, nodes("Mul", nodes("Sign", found), bound), found)
        self.blocks.append(nodes.cast(found, np.float32))

    def _curve(self, curve: Mapping[str, Any], values: Value) -> None:
        """Score and hats, see ``backbones.fitted.number_curve``."""
        nodes = self.nodes
        middle = nodes.constant(curve["middle"], DOUBLE)
        filled = nodes("Where", nodes("IsNaN", values), middle, values)
        away = nodes("Sub", filled, middle)
        scaled = self._within(nodes("Div", away, nodes.constant(curve["spread"], DOUBLE)), STEEPEST)
        size = nodes("Abs", scaled)
        root = nodes("Sqrt", nodes("Add", nodes("Mul", size, size), nodes.constant(1, DOUBLE)))
        score = nodes("Mul", nodes("Sign", scaled), nodes("Log", nodes("Add", size, root)))  # asinh
        self.blocks.append(nodes.cast(self._within(score, FURTHEST), np.float32))
        if not curve["knots"]:
            return
        knots = np.array(curve["knots"])
        place = nodes("Sub", filled, nodes.constant(knots[:-1][None], DOUBLE))
        ramps = nodes("Div", place, nodes.constant(np.diff(knots)[None], DOUBLE))
        ramps = nodes.cast(
            nodes("Min", nodes("Max", ramps, nodes.constant(0, DOUBLE)), nodes.constant(1, DOUBLE)), "f4"
        )
        falls = np.eye(len(knots) - 1, len(knots), 1) - np.eye(len(knots) - 1, len(knots))  # a ramp leaves one hat
        begins = np.eye(1, len(knots))
        self.blocks.append(nodes("Add", nodes("MatMul", ramps, nodes.constant(falls)), nodes.constant(begins)))

    def _within(self, values: Value, bound: float) -> Value:
        low, high = (self.nodes.constant(each, DOUBLE) for each in (-bound, bound))
        return self.nodes("Min", self.nodes("Max", values, low), high)

    def _missing(self, facts: Mapping[str, Any], place: int) -> None:
        if facts["missing"]:
            self.blocks.append(self.nodes.cast(self.nodes("IsNaN", self._at(place)), np.float32))

    def _date(self, facts: Mapping[str, Any], layout: Layout) -> None:
        """Trend, cycles, days of the week."""
        nodes = self.nodes
        self._curve(facts["curve"], self._at(layout.first))
        for part in facts["parts"]:
            values = nodes.cast(self._at(layout.first + PARTS.index(part)), np.float32)
            if part in CYCLES:
                absent = nodes("IsNaN", values)
                angle = nodes("Mul", values, nodes.constant(2 * math.pi / CYCLES[part]))
                for wave in ("Sin", "Cos"):
                    self.blocks.append(nodes("Where", absent, nodes.constant(0), nodes(wave, angle)))
            else:
                same = nodes("Equal", values, nodes.constant(np.arange(7)[None]))
                self.blocks.append(nodes.cast(same, np.float32))
        self._missing(facts, layout.first)


def table_of(
    encoder: FittedBackbone, facts: Mapping[str, Any], layout: Layout
) -> np.ndarray[Any, np.dtype[np.float32]]:
    """``(codes, F)`` features of one column for each of its codes: levels, any other, missing."""
    if layout.column.kind == "boolean":
        cells = np.array([0.0, 1.0, np.nan])
    else:
        other = "\0"  # no cell: those are printable
        cells = np.array([*layout.levels, other, None], dtype=object)
    alone = Table({facts["name"]: Column(layout.column.kind, cells)})
    found: np.ndarray[Any, np.dtype[np.float32]] = encoder.load().transform({"columns": to_array([facts])}, alone)
    return found
