"""From values to positions in percent of a drawing's width or height: drawings stretch, their letters do not."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

ROOM = 0.04  # of the span, free at both ends of a tight axis


@dataclass(frozen=True)
class Tick:
    """A labelled place on an axis; ``at`` in percent."""

    at: float
    label: str


@dataclass(frozen=True)
class Axis:
    """A straight or logarithmic axis from ``low`` to ``high``."""

    low: float
    high: float
    ticks: tuple[Tick, ...] = ()
    is_log: bool = False

    def at(self, value: float) -> float:
        """Percent of the way from ``low`` to ``high``, clipped to 0-100."""
        start, stop, here = (math.log(v) if self.is_log else v for v in (self.low, self.high, value))
        share = (here - start) / (stop - start)
        return round(100 * min(1.0, max(0.0, share)), 2)


def linear_axis(
    values: Iterable[float],
    label: Callable[[float], str],
    *,
    within: tuple[float, float] = (-math.inf, math.inf),
    steps: int = 4,
    is_tight: bool = False,
) -> Axis:
    """An axis that holds all ``values``, with about ``steps`` round ticks; it never leaves ``within``.

    It ends at ticks; a tight one ends a little beyond the outermost values instead.
    """
    low, high = min(values := list(values)), max(values)
    if high - low < 1e-9:
        low, high = low - 0.05 * max(1.0, abs(low)), high + 0.05 * max(1.0, abs(high))
    step = _round_step((high - low) / steps)
    start, stop = step * math.floor(low / step + 1e-9), step * math.ceil(high / step - 1e-9)
    if is_tight:
        start, stop = low - ROOM * (high - low), high + ROOM * (high - low)
    start, stop = max(within[0], start), min(within[1], stop)
    axis = Axis(start, stop)
    places = [step * i for i in range(math.ceil(start / step - 1e-9), math.floor(stop / step + 1e-9) + 1)]
    return Axis(start, stop, tuple(Tick(axis.at(place), label(place)) for place in places))


def log_axis(values: Iterable[float], label: Callable[[float], str]) -> Axis:
    """A logarithmic axis over positive ``values`` with a little room at both ends and a tick at each value."""
    places = sorted(set(values))
    axis = Axis(places[0] / 1.08, places[-1] * 1.08, is_log=True)
    ticks: list[Tick] = []
    for place in reversed(places):  # the largest is always labelled; a neighbour closer than 11 % would overprint it
        at = axis.at(place)
        if not ticks or ticks[-1].at - at > 11:
            ticks.append(Tick(at, label(place)))
    return Axis(axis.low, axis.high, tuple(reversed(ticks)), is_log=True)


def _round_step(step: float) -> float:
    """The next larger of 1, 2, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= step * (1 - 1e-9))
