"""Predicted against true numbers, and how large the errors are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headstart.reports.axes import Axis, linear_axis
from headstart.reports.numbers import count, decimal, is_number, number, percent, signed_number
from headstart.reports.run_files import RunFiles, listing, mapping
from headstart.reports.sections.section import Section

SHADES = 9  # steps of colour of counted cells, as many as style.css defines


@dataclass(frozen=True)
class Point:
    """One test example: places in percent, y from the top."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Cell:
    """A counted field: place and size in percent, y from the top; ``tone`` 1 to 9."""

    x: float
    y: float
    width: float
    height: float
    tone: int
    text: str


@dataclass(frozen=True)
class Residuals:
    """A square drawing with the line of perfect predictions, and the spread of errors."""

    points: tuple[Point, ...]
    cells: tuple[Cell, ...]
    axis: Axis
    spread: tuple[tuple[str, str], ...]
    summary: str


def build(run: RunFiles) -> Section | None:
    """None when the evidence has no residuals."""
    section = run.section("residuals")
    points = [each for each in listing(section.get("points")) if _is_pair(each)]
    cells = mapping(section.get("cells"))
    if not points and not cells:
        return None
    edges = [*listing(cells.get("true_edges")), *listing(cells.get("predicted_edges"))]
    values = [value for pair in points for value in pair] or [edge for edge in edges if is_number(edge)]
    axis = linear_axis(values, number)
    summary = f"Predicted against true values of {count(section.get('n'))} test examples"
    content = Residuals(
        tuple(_point(axis, pair) for pair in points),
        tuple(_cells(axis, cells)),
        axis,
        tuple(_spread(mapping(section.get("error_quantiles")))),
        summary,
    )
    read = (
        "Each dot is a test example; on the line, prediction and truth are the same. "
        if points
        else "The darker a field, the more test examples it holds; on the line, prediction and truth are the same. "
    )
    said = _says(section)
    read += "Dots above the line were predicted too high, below it too low."
    return Section("residuals", "How far off?", "Errors", " ".join(said).strip(), read, content, glance=said[0])


def _is_pair(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(is_number(each) for each in value)


def _point(axis: Axis, pair: Sequence[float]) -> Point:
    true, predicted = pair
    return Point(axis.at(true), round(100 - axis.at(predicted), 2), f"true {true:.4g}, predicted {predicted:.4g}")


def _cells(axis: Axis, cells: Mapping[str, Any]) -> list[Cell]:
    rows, across, up = (listing(cells.get(key)) for key in ("counts", "true_edges", "predicted_edges"))
    largest = max((each for row in rows for each in row), default=0)
    found = []
    for i, row in enumerate(rows):
        for j, counted in enumerate(row):
            if counted:
                left, right = axis.at(across[i]), axis.at(across[i + 1])
                low, high = axis.at(up[j]), axis.at(up[j + 1])
                tone = max(1, -(-SHADES * counted // largest))
                text = f"{count(counted)} examples"
                found.append(Cell(left, round(100 - high, 2), right - left, high - low, tone, text))
    return found


def _spread(quantiles: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Shares of the test examples and the largest error below which they are."""
    return [(percent(float(share), 0), signed_number(value)) for share, value in quantiles.items() if is_number(value)]


def _says(section: Mapping[str, Any]) -> list[str]:
    """What errors are like, then what intervals promise; the first is empty where it is not known."""
    quantiles = mapping(section.get("error_quantiles"))
    low, high = quantiles.get("0.05"), quantiles.get("0.95")
    said = [""]
    if is_number(low) and is_number(high):
        bounds = f"{signed_number(low)} and {signed_number(high)}"
        said = [f"For nine of ten test examples, predicted minus true lies between {bounds}."]
    width, level = section.get("half_width"), section.get("level")
    if is_number(width) and is_number(level):
        said.append(
            f"Predictions come with an interval of \u00b1{decimal(width)} that is meant to hold the truth in "
            f"{percent(level, 0)} of cases; \u201cMetrics\u201d says how often it did."
        )
    return said
