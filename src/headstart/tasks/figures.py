"""Numbers in sentences: three figures, thousands set apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def figure(value: float) -> str:
    """Three significant figures; whole numbers from a thousand on.

    >>> [figure(x) for x in (0.6234, 12.34, 1234.5, 0.00012, -2.0)]
    ['0.623', '12.3', '1,234', '0.00012', '-2']
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def percent_span(interval: Mapping[str, Any]) -> str:
    """``95 % interval 83 to 90``, in points of a hundred; says so where there is none."""
    if interval["low"] is None:
        return "no interval can be given"
    return f"95 % interval {interval['low'] * 100:.0f} to {interval['high'] * 100:.0f}"


def of_100(value: float) -> str:
    """A share as "87 of 100"; with a decimal where rounding would say all or none and that is not so.

    >>> of_100(0.874), of_100(0.997), of_100(1.0)
    ('87 of 100', '99.7 of 100', '100 of 100')
    """
    text = f"{value * 100:.0f}"
    if text in ("0", "100") and value * 100 != float(text):
        text = f"{value * 100:.1f}"
    return f"{text} of 100"


def span(interval: Mapping[str, Any], form: str = ".2f") -> str:
    """``95 % interval 0.55 to 0.71``; says so where there is none."""
    if interval["low"] is None:
        return "no interval can be given"
    low, high = interval["low"], interval["high"]
    return f"95 % interval {_written(low, form)} to {_written(high, form)}"


def points(difference: Mapping[str, Any], metric: str) -> tuple[str, str]:
    """Size and interval of a difference between fractions, in points of a hundred."""
    size = f"{abs(difference['value']) * 100:.1f} points of {metric}"
    if difference["low"] is None:
        return size, "no interval can be given"
    return size, f"95 % interval {difference['low'] * 100:+.1f} to {difference['high'] * 100:+.1f}"


def _written(value: float, form: str) -> str:
    return f"{value:{form}}" if form else figure(value)
