"""Dates that were written as text: which order of day and month a column uses, and reading them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from headstart.core.schema import Spelling

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})(?:\2(\d{1,2}))?(?:[T ]+(.+))?", re.ASCII)
YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:[T ,]+(.+))?", re.ASCII)
DAY_NAME_YEAR = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4})", re.ASCII)  # 3 Jan 2020
NAME_DAY_YEAR = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})", re.ASCII)  # Jan 3, 2020
TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)? ?(Z|UTC|[+-]\d{2}:?\d{2})?", re.ASCII)
MONTHS = tuple("january february march april may june july august september october november december".split())


def seconds_of(value: date | datetime) -> float:
    """Seconds since 1970 in UTC; a time without a zone is taken for UTC."""
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()


def date_in(text: str, spelling: Spelling = "") -> float | None:
    """Seconds since 1970 in UTC of a date, or a date with a time; None for any other text.

    With points the day comes first ("31.12.2020"); with strokes as ``spelling`` says.

    >>> date_in("1970-01-02"), date_in("1970-01-01 00:01:00"), date_in("02.01.1970"), date_in("2 Jan 1970")
    (86400.0, 60.0, 86400.0, 86400.0)
    >>> date_in("02/01/1970", "day_first"), date_in("01/02/1970", "month_first"), date_in("01/02/1970")
    (86400.0, 86400.0, None)
    """
    text = text.strip()
    if found := YEAR_FIRST.fullmatch(text):
        year, _, month, day, rest = found.groups()
        return _seconds(year, month, day or 1, rest)
    if found := YEAR_LAST.fullmatch(text):
        first, sign, second, year, rest = found.groups()
        if sign != "." and spelling not in ("day_first", "month_first"):
            return None
        day, month = (second, first) if sign != "." and spelling == "month_first" else (first, second)
        return _seconds(year, month, day, rest)
    if found := DAY_NAME_YEAR.fullmatch(text):
        return _seconds(found[3], _month(found[2]), found[1], None)
    if found := NAME_DAY_YEAR.fullmatch(text):
        return _seconds(found[3], _month(found[1]), found[2], None)
    return None


def order_of(texts: Iterable[str]) -> tuple[Spelling, str]:
    """Which of day and month comes first in "03/04/2020", from values where only one can; and an example.

    ``("", "03/04/2020")`` where no value tells, or values contradict each other; ``("", "")`` without such dates.
    """
    day_first = month_first = False
    example = ""
    for text in texts:
        found = YEAR_LAST.fullmatch(text.strip())
        if not found or found[2] == ".":
            continue
        example = example or text.strip()
        day_first = day_first or int(found[1]) > 12
        month_first = month_first or int(found[3]) > 12
    if day_first == month_first:
        return "", example
    return ("day_first" if day_first else "month_first"), example


def _month(name: str) -> int:
    name = name.lower()
    return next((number for number, full in enumerate(MONTHS, start=1) if name in (full, full[:3])), 0)


def _seconds(year: Any, month: Any, day: Any, time: str | None) -> float | None:
    clock = TIME.fullmatch(time.strip()) if time else None
    if time and not clock:
        return None
    try:
        start = datetime(int(year), int(month), int(day), tzinfo=UTC)
        seconds = (start - EPOCH).total_seconds()
        return seconds + (_seconds_of_clock(clock) if clock else 0.0)
    except ValueError:  # the 31st of February
        return None


def _seconds_of_clock(clock: re.Match[str]) -> float:
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    if hour > 24 or minute > 59 or second > 60:
        raise ValueError
    seconds = hour * 3600 + minute * 60 + second + (float(f"0.{clock[4]}") if clock[4] else 0.0)
    zone = clock[5]
    if zone and zone[0] in "+-":
        shift = int(zone[1:3]) * 3600 + int(zone[-2:]) * 60
        seconds += -shift if zone[0] == "+" else shift
    return seconds
