"""Rows that are made, for models of tables: cells as people write them, gaps, and what was never seen."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from headstart.backbones.fitted.json_array import from_array
from headstart.core.schema import ColumnSchema
from headstart.exporting.column_nodes import Layout
from headstart.exporting.exportable import COLUMNS, Exportable
from headstart.exporting.gate import Example
from headstart.exporting.made_inputs import made_inputs
from headstart.exporting.model_nodes import layout_of

ROWS, ROWS_WITH_FILES = 60, 16  # decoding pictures and recordings takes longer
NUMBERS = (0, 1, -3.5, 0.25, 1000, 1e9, None, "?", "n/a", " 7.25 ", "1e3", "-2", "twelve", True)
SPELLED = {"decimal_comma": ("2,5", "-0,125"), "thousands_comma": ("1,500", "12,345.5")}
TRUTHS = (True, False, "yes", "no", "TRUE", "f", 1, 0, None, "", "perhaps")
DATES = (
    "2024-02-29",
    "1999-12-31T23:59:59.5",
    "2021/3/4 06:30",
    "31.12.2020",
    "3 Jan 2020",
    "Mar 5, 2015",
    "1950",
    None,
)
ORDERED = {"day_first": ("03/04/2020", "25/12/2019 18:00"), "month_first": ("03/04/2020", "12/25/2019 18:00+02:00")}
OTHERS = (None, "", " ", "never seen", 3, 4.0, True)


def made_examples(model: Exportable) -> list[Example]:
    """Examples as the model takes them, the same ones each time."""
    if not model.is_row:
        return [Example(content) for content in made_inputs(model.shipped.schema.parts[0].modality)]
    rng = np.random.default_rng(0)
    choices = {layout.column.name: _cells(model, layout) for layout in layout_of(model)}
    parts = [(part, made_inputs(part.modality)) for part in model.shipped.schema.parts]
    found = []
    with_files = any(part.modality != "text" for part, _ in parts)
    for _ in range(ROWS_WITH_FILES if with_files else ROWS):
        row: dict[str, Any] = {name: cells[rng.integers(len(cells))] for name, cells in choices.items()}
        files: dict[str, bytes] = {}
        for part, contents in parts:
            for name in part.columns or (part.modality,):
                content = contents[rng.integers(len(contents))]
                if part.modality == "text":
                    row[name] = content.decode("utf-8")
                else:
                    row[name] = f"file-{len(files)}"
                    files[row[name]] = content
        found.append(Example(json.dumps(row).encode(), files))
    return found


def _cells(model: Exportable, layout: Layout) -> list[Any]:
    """What stands in a column, half of the time a usual value."""
    column = layout.column
    if column.kind == "category":
        usual: list[Any] = list(layout.levels) or ["x"]
        return [*(usual * (1 + len(OTHERS) // len(usual))), *OTHERS]
    if column.kind == "boolean":
        return list(TRUTHS)
    if column.kind == "date":
        return [*DATES, *ORDERED.get(column.spelling, ())]
    return [*_usual_numbers(model, column), *NUMBERS, *SPELLED.get(column.spelling, ())]


def _usual_numbers(model: Exportable, column: ColumnSchema) -> list[Any]:
    """Around the middle, at knots and between them, where the model knows any."""
    found: list[Any] = []
    for source in model.sources:
        if source.kind == "fitted" and model.fitted(source)[0].name == COLUMNS[0]:
            for facts in from_array(model.fitted(source)[1].arrays["columns"]):
                if facts["name"] == column.name:
                    curve = facts["curve"]
                    found += [curve["middle"] + curve["spread"] * step for step in (-2.0, -0.5, 0.0, 0.3, 1.7)]
                    found += [knot + shift * curve["spread"] for knot in curve["knots"] for shift in (0, 0.01)]
    return found
