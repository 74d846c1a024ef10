"""Turn the cells of a row into numbers."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime
from typing import Any

import numpy as np

POINT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?", re.ASCII)
YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})(?:\2(\d{1,2}))?(?:[T ]+(.+))?", re.ASCII)
YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:[T ,]+(.+))?", re.ASCII)
DAY_NAME_YEAR = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4})", re.ASCII)
NAME_DAY_YEAR = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})", re.ASCII)
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)? ?(Z|UTC|[+-]\d{2}:?\d{2})?", re.ASCII)
MONTHS = tuple("january february march april may june july august september october november december".split())
TRUTHS = {"true": 1, "false": 0, "yes": 1, "no": 0, "y": 1, "n": 0, "t": 1, "f": 0, "1": 1, "0": 0}
DAY = 86400.0  # seconds


def values(row: dict[str, Any], asked: dict[str, Any]) -> np.ndarray:
    """A row's columns as (C,) float64: a number as it is, a code, a date's parts; a missing number is NaN."""
    found: list[float] = []
    for column in asked["columns"]:
        if column["name"] not in row:
            raise ValueError(f"the row lacks the column {column['name']!r}")
        cell, kind = row[column["name"]], column["kind"]
        if kind == "category":
            found.append(code(cell, column["levels"]))
        elif kind == "boolean":
            found.append(truth(cell))
        elif kind == "number":
            found.append(number(cell, column["spelling"]))
        else:
            found += date_parts(seconds_of(cell, column["spelling"]))
    return np.array(found, np.float64)


def code(cell: Any, levels: list[str]) -> int:
    """Place of a category; two more stand for any other and for none."""
    text = "" if cell is None or cell != cell else str(cell)
    if isinstance(cell, float) and cell.is_integer():
        text = str(int(cell))
    text = unicodedata.normalize("NFC", text).strip()
    if not text:
        return len(levels) + 1
    return levels.index(text) if text in levels else len(levels)


def truth(cell: Any) -> int:
    """0, 1, or 2 where it is missing."""
    if isinstance(cell, str):
        return TRUTHS.get(cell.strip().lower(), 2)
    return int(cell) if cell in (0, 1) else 2


def number(cell: Any, spelling: str) -> float:
    """The number, NaN where there is none."""
    if not isinstance(cell, str):
        return float(cell) if isinstance(cell, bool | int | float) and math.isfinite(cell) else math.nan
    text = cell.strip()
    if spelling == "decimal_comma" and COMMA.fullmatch(text):
        text = text.replace(",", ".")
    elif spelling == "thousands_comma" and THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    found = float(text) if POINT.fullmatch(text) else math.nan
    return found if math.isfinite(found) else math.nan


def seconds_of(cell: Any, spelling: str) -> float:
    """Seconds since 1970 in UTC of a date that is written, NaN where there is none."""
    text = cell.strip() if isinstance(cell, str) else ""
    if found := YEAR_FIRST.fullmatch(text):
        return stamp(found[1], found[3], found[4] or 1, found[5])
    if found := YEAR_LAST.fullmatch(text):
        day, month = (found[3], found[1]) if found[2] != "." and spelling == "month_first" else (found[1], found[3])
        is_told = found[2] == "." or spelling in ("day_first", "month_first")
        return stamp(found[4], month, day, found[5]) if is_told else math.nan
    if found := DAY_NAME_YEAR.fullmatch(text):
        return stamp(found[3], month_of(found[2]), found[1], None)
    if found := NAME_DAY_YEAR.fullmatch(text):
        return stamp(found[3], month_of(found[1]), found[2], None)
    return math.nan


def month_of(name: str) -> int:
    """1 to 12 of a name or its first three letters, 0 for any other."""
    name = name.lower()
    return next((place for place, full in enumerate(MONTHS, start=1) if name in (full, full[:3])), 0)


def stamp(year: Any, month: Any, day: Any, clock: str | None) -> float:
    """Seconds since 1970 in UTC; NaN for a day or a time that there is not."""
    found = CLOCK.fullmatch(clock.strip()) if clock else None
    if clock and not found:
        return math.nan
    try:
        seconds = (datetime(int(year), int(month), int(day)) - datetime(1970, 1, 1)).total_seconds()
    except ValueError:
        return math.nan
    if not found:
        return seconds
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if hour > 24 or minute > 59 or second > 60:
        return math.nan
    zone = found[5] or "Z"
    shift = int(zone[1:3]) * 3600 + int(zone[-2:]) * 60 if zone[0] in "+-" else 0
    seconds += hour * 3600 + minute * 60 + second + (float(f"0.{found[4]}") if found[4] else 0.0)
    return seconds + (-shift if zone[0] == "+" else shift)


def date_parts(seconds: float) -> list[float]:
    """Days since 1970, year, month 1-12, weekday 0-6 from Monday, day 1-31, hour 0-24."""
    if math.isnan(seconds):
        return [math.nan] * 6
    days = seconds / DAY
    whole = math.floor(days)
    on = date.fromordinal(date(1970, 1, 1).toordinal() + whole)
    return [days, on.year, on.month, (whole + 3) % 7, on.day, (days - whole) * 24]
