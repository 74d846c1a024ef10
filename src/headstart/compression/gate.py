"""Which point may take the place of the model, if any; what the user allows is never exceeded in what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from headstart.compression.points import SMALLER, Point, front

VARIED = 1.05  # times, by which timings of the same vary
GAINED = VARIED  # times as fast, below which a model is not faster
AS_GOOD = 0.1  # points, by which ways that lose no more than that are told alike


@dataclass(frozen=True)
class Verdict:
    """What was decided.

    Attributes:
        point: That ships; None: the model stays as it is.
        why: A sentence.
        nearest: Where none ships, the faster point that comes nearest to what was asked for; None: nothing is faster.
    """

    point: Point | None
    why: str
    nearest: Point | None = None


def decided(
    points: Sequence[Point], base: Point, max_drop: float, speedup: float | None, smaller: float | None = None
) -> Verdict:
    """The fastest point within the drop; where a speed-up is asked for, the most accurate of those that reach it.

    Of several that are as fast within what timings vary, or as accurate within :data:`AS_GOOD`, the smallest.

    The drop is what is expected of a point (:attr:`headstart.compression.points.Point.loss`). Its interval is told, and
    not gated: a few hundred examples never show that half a point is not lost.

    Args:
        points: All that were measured, without ``base``.
        base: The model as it is, at its fastest.
        max_drop: Points of the primary metric that may be lost.
        speedup: Times as fast as ``base`` that it must be; None: as fast as can be.
        smaller: Times as small in bytes as ``base`` that it must be; None: of any size.
    """
    small = [each for each in points if smaller is None or smaller * each.bytes <= base.bytes]
    allowed = [each for each in small if each.loss <= max_drop and each.speedup(base) >= GAINED]
    and_small = "" if smaller is None else f" and {smaller:g} times smaller"
    if speedup is None:
        if not allowed:
            refused = _refused(f"Nothing is faster{and_small} within {max_drop:g} points.", points, allowed, base)
            return replace(refused, why=refused.why + _only_smaller(points, base, max_drop))
        fastest = max(allowed, key=lambda each: each.speedup(base))
        alike = _smallest([each for each in allowed if VARIED * each.speedup(base) >= fastest.speedup(base)])
        best = max(alike, key=lambda each: each.speedup(base))
        within = f"the fastest{' that is' * bool(and_small)}{and_small.removeprefix(' and')} within {max_drop:g} points"
        is_it = within if best is fastest else f"about as fast as {fastest.name}, {within}, and smaller"
        return Verdict(best, f"{best.name} is {is_it}: {told(best, base)}.")
    reached = [each for each in allowed if each.speedup(base) >= speedup]
    if not reached:
        why = f"Nothing is {speedup:g} times as fast{and_small} within {max_drop:g} points."
        return _refused(why, points, allowed, base)
    least = min(each.loss for each in reached)
    alike = _smallest([each for each in reached if each.loss <= least + AS_GOOD])
    best = min(alike, key=lambda each: (each.loss, -each.speedup(base)))
    return Verdict(
        best, f"{best.name} loses least of what is {speedup:g} times as fast{and_small}: {told(best, base)}."
    )


def told(point: Point, base: Point) -> str:
    """Its figures in words."""
    low, high = point.difference.get("low"), point.difference.get("high")
    within = "" if low is None or high is None else f" ({point.unit * low:+.1f} to {point.unit * high:+.1f})"
    others = "" if point.expected is None else f", {-point.expected:+.1f} expected in the light of the other ways"
    of = {"latency": " one at a time", "throughput": " many at once"}.get(base.by, "")
    return (
        f"{point.speedup(base):.1f} times as fast{of}, {base.bytes / point.bytes:.1f} times smaller, "
        f"{-point.drop:+.1f} points{within} on held-out examples{others}"
    )


def _smallest(points: Sequence[Point]) -> list[Point]:
    """The smallest, and those that are hardly larger."""
    least = min((each.bytes for each in points), default=0)
    return [each for each in points if each.bytes <= SMALLER * least]


def _only_smaller(points: Sequence[Point], base: Point, max_drop: float) -> str:
    """What is as fast as the model and smaller: nobody asked for it, and it can be picked."""
    found = [
        each for each in points
        if each.loss <= max_drop and VARIED * each.speedup(base) >= 1 and SMALLER * each.bytes <= base.bytes
    ]  # fmt: skip
    if not found:
        return ""
    best = min(_smallest(found), key=lambda each: each.loss)
    return f" Smaller and no slower is {best.name}, to be had with --pick: {told(best, base)}."


def _refused(why: str, points: Sequence[Point], allowed: Sequence[Point], base: Point) -> Verdict:
    """With the fastest point within the drop, else that of the front which loses least among the faster ones."""
    faster = [each for each in front(points, base) if each.speedup(base) >= GAINED]
    if not faster:
        return Verdict(None, f"{why} Nothing that was tried is faster at all.")
    if allowed:
        best = max(allowed, key=lambda each: each.speedup(base))
        return Verdict(None, f"{why} The fastest within the drop is {best.name}: {told(best, base)}.", best)
    best = min(faster, key=lambda each: each.loss)
    return Verdict(None, f"{why} The point that loses least is {best.name}: {told(best, base)}.", best)
