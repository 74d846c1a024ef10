"""About how much electricity a computation took, from processor time."""

from __future__ import annotations

WATTS_PER_CORE = (3.0, 15.0)  # a busy core of a laptop or a dense server, and of a fast workstation
JOULES_PER_WATT_HOUR = 3600.0


def watt_hours(cpu_seconds: float) -> tuple[float, float]:
    """Least and most watt hours of so many seconds of one busy core; the rest of the computer is not counted.

    The span is that of the thermal design power per core of processors sold in the last ten years, which is a bound on
    what is drawn and no measurement. Graphics cards are not in it.

    >>> watt_hours(1200)
    (1.0, 5.0)
    """
    low, high = (cpu_seconds * watts / JOULES_PER_WATT_HOUR for watts in WATTS_PER_CORE)
    return low, high
