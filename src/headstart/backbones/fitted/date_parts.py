"""What a date says: how far on it is, and where in the year, the week and the day."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DAY = 86_400.0  # seconds


def date_parts(seconds: Floats) -> dict[str, Floats]:
    """Parts by name of ``seconds`` ``(N,)`` since 1970 in UTC; NaN stays NaN.

    ``days`` since 1970; ``year``; ``month`` 1-12; ``weekday`` 0 (Monday) to 6; ``day`` 1-31; ``hour`` 0-24.
    """
    days = seconds / DAY
    known = np.isfinite(days) & (np.abs(days) < 1e7)  # about 27,000 years: beyond it the calendar overflows
    stamps = np.floor(np.where(known, days, 0)).astype(np.int64).astype("datetime64[D]")
    months = stamps.astype("datetime64[M]")
    whole = np.floor(np.where(known, days, 0))
    parts = {
        "days": np.where(known, days, 0),
        "year": months.astype("datetime64[Y]").astype(np.int64) + 1970.0,
        "month": months.astype(np.int64) % 12 + 1.0,
        "weekday": (whole + 3) % 7,  # 1 January 1970 was a Thursday
        "day": (stamps - months.astype("datetime64[D]")).astype(np.int64) + 1.0,
        "hour": (np.where(known, days, 0) - whole) * 24,
    }
    return {name: np.where(known, part, np.nan) for name, part in parts.items()}


def cyclic(part: Floats, period: float) -> tuple[Floats, Floats]:
    """Sine and cosine, ``(N,)`` each, of a ``(N,)`` part of dates: the end of a period is beside its start."""
    angle = 2 * np.pi * part / period
    return np.sin(angle), np.cos(angle)
