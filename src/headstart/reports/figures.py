"""The numbers behind a finding as small tables: what is simple is shown, the rest is said to be elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headstart.reports.names import shorten
from headstart.reports.numbers import (
    NARROW_SPACE,
    NO_VALUE,
    Interval,
    duration,
    is_number,
    memory,
    number,
    percent,
)

MOST_ROWS = 8  # of a group
MOST_ITEMS = 8  # of a list in one cell
LONGEST_TEXT = 120  # characters
UNITS = ("fraction", "share", "seconds", "mib")  # endings of names, by the conventions of this package
Row = tuple[str, str]


@dataclass(frozen=True)
class Figures:
    """Rows of label and value, groups of such rows with their names, and whether something is left out."""

    rows: tuple[Row, ...] = ()
    groups: tuple[tuple[str, tuple[Row, ...]], ...] = ()
    is_partial: bool = False


def figures(evidence: Mapping[str, Any]) -> Figures:
    """What of a finding's evidence can be shown in a few lines.

    >>> figures({"rows": 1200, "cut_fraction": 0.25}).rows
    (('Rows', '1,200'), ('Cut', '25.0\u202f%'))
    """
    rows: list[Row] = []
    groups: list[tuple[str, tuple[Row, ...]]] = []
    is_partial = False
    for key, value in evidence.items():
        label, unit = _label(key)
        text = _text(value, unit)
        if text is not None:
            rows.append((label, text))
            continue
        group = _group(value, unit)
        if group:
            groups.append((label, group[:MOST_ROWS]))
        is_partial = is_partial or not group or len(group) > MOST_ROWS
    return Figures(tuple(rows), tuple(groups), is_partial)


def in_words(name: str) -> str:
    """A name of ours in words.

    >>> in_words("label_errors")
    'Label errors'
    """
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _label(key: str) -> tuple[str, str]:
    """A key in words, and the unit that its ending names; a share is written as a percentage and needs no name."""
    stem, _, ending = key.removeprefix("is_").rpartition("_")
    unit = ending if ending in UNITS else ""
    return in_words(shorten(stem if unit and stem else key.removeprefix("is_"), LONGEST_TEXT)), unit


def _group(value: Any, unit: str) -> tuple[Row, ...]:
    """The rows of an object that holds nothing but simple values; empty for anything else. Its keys are foreign."""
    if not isinstance(value, Mapping):
        return ()
    texts = [(shorten(key, LONGEST_TEXT), _text(item, unit)) for key, item in value.items()]
    rows = tuple((key, text) for key, text in texts if text is not None)
    return rows if len(rows) == len(texts) else ()


def _text(value: Any, unit: str) -> str | None:
    """One cell; None where the value does not fit into one."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return NO_VALUE
    if isinstance(value, str):
        return shorten(value, LONGEST_TEXT)
    if is_number(value):
        return _number(value, unit)
    if isinstance(value, list):
        cells = [_text(item, unit) for item in value if not isinstance(item, list)]
        is_short = 0 < len(cells) == len(value) <= MOST_ITEMS
        return ", ".join(cell or "" for cell in cells) if is_short and None not in cells else None
    interval = Interval.of(value)
    if interval is None:
        return None
    bounds = interval.bounds
    span = f" ({_number(bounds[0], unit)} to {_number(bounds[1], unit)})" if bounds else ""
    return _number(interval.value, unit) + span


def _number(value: float, unit: str) -> str:
    """With its unit; large whole numbers with commas, others with four significant digits."""
    if unit in ("fraction", "share"):
        return percent(value)
    if unit == "seconds":
        return duration(value) if value >= 0 else f"{number(value)}{NARROW_SPACE}s"
    return memory(value) if unit == "mib" else number(value)
