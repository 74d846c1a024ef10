"""Numbers as text: the same rounding, signs and units everywhere in the report."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeGuard

NO_VALUE = "\u2013"  # en dash
MINUS = "\u2212"
NARROW_SPACE = "\u202f"  # between a number and its unit, never broken
MILLION = 1_000_000


@dataclass(frozen=True)
class Interval:
    """A number from a sample; ``low`` and ``high`` are None where no interval can be given.

    Attributes:
        value: The estimate, in the metric's own unit (a share is 0-1).
        low: Lower bound.
        high: Upper bound.
        level: Confidence level, 0-1.
    """

    value: float
    low: float | None = None
    high: float | None = None
    level: float = 0.95

    @classmethod
    def of(cls, raw: Any) -> Interval | None:
        """From ``{"value", "low", "high", "level"}`` or a bare number; None for anything else."""
        if is_number(raw):
            return cls(float(raw))
        if not isinstance(raw, Mapping) or not is_number(raw.get("value")):
            return None
        low, high, level = raw.get("low"), raw.get("high"), raw.get("level")
        interval = cls(float(raw["value"]), level=float(level) if is_number(level) else 0.95)
        if is_number(low) and is_number(high):
            return replace(interval, low=float(low), high=float(high))
        return interval

    @property
    def bounds(self) -> tuple[float, float] | None:
        """``(low, high)``, or None."""
        return None if self.low is None or self.high is None else (self.low, self.high)

    @property
    def ends(self) -> tuple[float, ...]:
        """Every number an axis has to hold."""
        return (self.value, *(self.bounds or ()))


def is_number(value: Any) -> TypeGuard[int | float]:
    """Whether JSON gave a finite number (true and false are not)."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def decimal(value: float, digits: int = 3) -> str:
    """A fixed number of digits with a real minus sign; minus zero is zero.

    >>> decimal(-0.0001)
    '0.000'
    """
    text = f"{value:,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def percent(share: float, digits: int = 1) -> str:
    """A share of 0-1 as a percentage.

    >>> percent(0.8737)
    '87.4\u202f%'
    """
    return f"{decimal(100 * share, digits)}{NARROW_SPACE}%"


def signed(value: float, digits: int) -> str:
    """With a plus or minus sign, unless it rounds to zero."""
    text = decimal(value, digits)
    return text if text.startswith(MINUS) or float(text.replace(",", "")) == 0 else f"+{text}"


def count(value: Any) -> str:
    """A whole number with commas; the dash for anything that is not a number."""
    return f"{value:,.0f}" if is_number(value) else NO_VALUE


def number(value: Any) -> str:
    """Any number with about four significant digits; the dash for anything else."""
    if not is_number(value):
        return NO_VALUE
    if (value == int(value) or abs(value) >= 1000) and abs(value) < 1e15:
        return count(value).replace("-", MINUS)
    return f"{value:.4g}".replace("-", MINUS)


def signed_number(value: float) -> str:
    """The same with a plus or minus sign, unless it is zero.

    >>> signed_number(1951.2), signed_number(0.123456), signed_number(0)
    ('+1,951', '+0.1235', '0')
    """
    return f"+{number(value)}" if value > 0 else number(value)


def duration(seconds: Any) -> str:
    """Seconds as a person says them.

    >>> duration(6.84), duration(125), duration(3900)
    ('6.8\u202fs', '2\u202fmin 5\u202fs', '1\u202fh 5\u202fmin')
    """
    if not is_number(seconds):
        return NO_VALUE
    if seconds < 1:
        return f"{1000 * seconds:.3g}{NARROW_SPACE}ms"
    if seconds < 60:
        return f"{seconds:.1f}{NARROW_SPACE}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}{NARROW_SPACE}min {rest}{NARROW_SPACE}s"
    return f"{minutes // 60}{NARROW_SPACE}h {minutes % 60}{NARROW_SPACE}min"


def memory(mib: Any) -> str:
    """MiB, from 1,024 on GiB.

    >>> memory(812.4), memory(1536)
    ('812\u202fMiB', '1.5\u202fGiB')
    """
    if not is_number(mib):
        return NO_VALUE
    return f"{mib / 1024:.1f}{NARROW_SPACE}GiB" if mib >= 1024 else f"{mib:,.0f}{NARROW_SPACE}MiB"


def weights(parameters: Any) -> str:
    """A number of parameters, in millions from one million on."""
    if not is_number(parameters):
        return NO_VALUE
    return f"{parameters / MILLION:,.1f} million" if parameters >= MILLION else count(parameters)
