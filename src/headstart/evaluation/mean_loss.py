"""The mean of a skewed, non-negative quantity (log-loss), and its interval."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.evaluation.proportions import TAIL


def mean_interval(values: NDArray[Any], tail: float = TAIL, floor: float = 0.0) -> tuple[float, float] | None:
    r"""Student's interval, corrected for skewness and kept at ``floor`` or above.

    Hall, JRSS B 1992: with the skewness :math:`\gamma` and :math:`a = \gamma/\sqrt n`, the statistic
    :math:`T + aT^2/3 + a^2T^3/27 + a/6` is close to Student's t and can be inverted in closed form. The plain t
    interval and the percentile bootstrap cover less. No interval can be right where the mean hangs on errors that are
    rarer than 1 in N: benchmarks/intervals.py shows how far off.

    Args:
        values: ``(N,)``, at ``floor`` or above.
        tail: What may be missed on each side.
        floor: The least that a value can be; -inf where there is no such number.

    Returns:
        ``(low, high)``, or None for fewer than two values, or values that are all the same.
    """
    from scipy.special import stdtrit

    x = np.asarray(values, dtype=np.float64)
    n = len(x)
    center = x.mean()
    spread = x.std(ddof=1) if n > 1 else 0.0
    if spread <= 1e-12 * max(abs(center), 1e-300):
        return None
    skewness = float((((x - center) / spread) ** 3).mean())
    quantile = float(stdtrit(n - 1, 1 - tail))
    step = spread / np.sqrt(n)
    low = center - step * _inverse(quantile, skewness / np.sqrt(n))
    high = center - step * _inverse(-quantile, skewness / np.sqrt(n))
    return max(floor, float(low)), float(high)


def _inverse(y: float, a: float) -> float:
    """The T whose corrected statistic is y."""
    if abs(a) < 1e-6:  # the limit: no skewness, nothing to correct
        return y
    return float(3 / a * (np.cbrt(1 + a * (y - a / 6)) - 1))
