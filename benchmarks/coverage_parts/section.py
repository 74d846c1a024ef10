"""A section of results: what is promised, and what came out in each cell of a grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

NOISE = 3.0  # standard errors of a simulated cell that count as noise: 1 cell in 700 is farther out on one side


@dataclass
class Section:
    """Coverage by cell.

    Attributes:
        what: What is counted, for the table.
        promised: The coverage that is promised; None where the figure is shown for comparison alone.
        columns: Names of what a cell varies, before "coverage" and its standard "error"; ``more`` names what follows.
        is_floor: Whether the promise is "at least" (a coverage) or "at most" (a share of broken promises).
        why_short: Where cells may fall short, and why; "" where none may.
    """

    what: str
    promised: float | None
    columns: Sequence[str]
    more: Sequence[str] = ()
    is_floor: bool = True
    why_short: str = ""
    cells: list[list[Any]] = field(default_factory=list)

    def add(self, settings: Sequence[Any], held: Any, *more: float) -> None:
        """One cell from the repeats' coverages ``(R,)``, NaN where a repeat gives none; not kept where most are NaN."""
        values = np.asarray(held, dtype=float)
        repeats, values = len(values), values[~np.isnan(values)]
        if len(values) < max(repeats / 4, 2):
            return
        error = max(float(values.std(ddof=1)), 1 / len(values)) / np.sqrt(len(values))
        rounded = [round(float(x), 5) for x in (values.mean(), error, *more)]
        self.cells.append([*settings, *rounded])

    def document(self) -> dict[str, Any]:
        """JSON: the summary first, since it is what one looks for."""
        at = len(self.columns)
        sign = 1 if self.is_floor else -1
        worst = min(self.cells, key=lambda cell: sign * cell[at])
        coverage = [cell[at] for cell in self.cells]
        found: dict[str, Any] = {"what": self.what, "promised": self.promised, "at_least": self.is_floor}
        found |= {"mean": round(float(np.mean(coverage)), 4), "worst": worst[at], "worst_error": worst[at + 1]}
        found["worst_cell"] = dict(zip(self.columns, worst[:at], strict=True))
        if self.promised is not None:
            short = [cell for cell in self.cells if sign * (self.promised - cell[at]) > NOISE * cell[at + 1]]
            found["cells_short"] = len(short)
        if self.why_short:
            found["why_short"] = self.why_short
        return {**found, "columns": [*self.columns, "coverage", "error", *self.more], "cells": self.cells}
