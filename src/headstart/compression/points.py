"""What was found of each way to turn a network down, and which of them nothing else beats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headstart.compression.knobs import Knobs

BY = {"latency": (True, False), "throughput": (False, True), "both": (True, True)}  # whether alone, whether of many
SMALLER = 1.1  # times, from which on a model is smaller: what a graph holds beside its weights differs by less


@dataclass(frozen=True)
class Point:
    """One way, measured.

    Attributes:
        name: What to call it; the first is the model as it is.
        knobs: What was turned.
        score: The primary metric on held-out examples.
        difference: Score minus that of the model as it is, turned so that positive is better: ``value``, ``low``,
            ``high``; paired.
        alone, batch: Milliseconds an input, one at a time and many at once.
        unit: Points of a unit of the metric: 100 for shares; of an error of numbers 100 / its value, so that points
            are percents of it.
        bytes: Of the graph, with its weights.
        runtime, precision: What computed it.
        n: Held-out examples that judged it.
        expected: Points that it is expected to lose, in the light of all other ways; None: ``difference`` says it.
        by: Of the model as it is: which times must fall, "latency" (one input at a time), "throughput" (many at once)
            or "both".
    """

    name: str
    knobs: Knobs
    score: float
    difference: Mapping[str, Any]
    alone: float
    batch: float
    unit: float
    bytes: int
    runtime: str
    precision: str
    n: int
    expected: float | None = None
    by: str = "both"

    @property
    def milliseconds(self) -> float:
        """The two times together, by their geometric mean."""
        return float((self.alone * self.batch) ** 0.5)

    def speedup(self, base: Point) -> float:
        """How many times as fast as ``base``, in what must be faster, where it gains least."""
        return times_as_fast(base.by, (base.alone, base.batch), (self.alone, self.batch))

    @property
    def drop(self) -> float:
        """Points lost against the model as it is; below 0 where it is better."""
        return -self.unit * float(self.difference["value"] or 0.0)

    @property
    def loss(self) -> float:
        """Points that it must be taken to lose: what other ways tell of it makes it look worse, never better."""
        return self.drop if self.expected is None else max(self.drop, self.expected)

    def to_dict(self, base: Point) -> dict[str, Any]:
        """JSON, with ratios to ``base``."""
        return {
            "name": self.name,
            "knobs": self.knobs.to_dict(),
            "score": self.score,
            "difference": dict(self.difference),
            "points": -self.drop,
            "expected": -(self.drop if self.expected is None else self.expected),
            "milliseconds": {"alone": round(self.alone, 4), "batch": round(self.batch, 4)},
            "speedup": round(self.speedup(base), 3),
            "bytes": self.bytes,
            "smaller": round(base.bytes / self.bytes, 3),
            "runtime": self.runtime,
            "precision": self.precision,
            "n": self.n,
        }


def times_as_fast(by: str, then: tuple[float, float], now: tuple[float, float]) -> float:
    """The ratio of times that counts, the smaller one where both do; one input at a time first, then of many."""
    return min(was / its for was, its, counts in zip(then, now, BY[by], strict=True) if counts)


def unbeaten(cost: Mapping[Knobs, float], lost: Mapping[Knobs, float]) -> list[Knobs]:
    """Ways that no other beats in both cost and what is lost, by what they lose, the best first."""
    order = sorted(lost, key=lambda each: (lost[each], cost[each]))
    kept: list[Knobs] = []
    for each in order:
        if not kept or cost[each] < cost[kept[-1]]:
            kept.append(each)
    return kept


def worth_keeping(points: Sequence[Point], base: Point) -> list[Point]:
    """Those that no other beats in all: at least as fast, as good and as small, and better in one; as given.

    Of two as small within :data:`SMALLER` neither is the smaller one.

    Args:
        points: All that were measured.
        base: The model as it is, by which speed counts.
    """

    def beats(one: Point, other: Point) -> bool:
        ours, theirs = (-one.speedup(base), one.drop), (-other.speedup(base), other.drop)
        is_smaller = SMALLER * one.bytes <= other.bytes
        is_no_worse = all(mine <= its for mine, its in zip(ours, theirs, strict=True))
        return is_no_worse and one.bytes <= SMALLER * other.bytes and (ours != theirs or is_smaller)

    return [each for each in points if not any(beats(other, each) for other in points)]


def front(points: Sequence[Point], base: Point) -> list[Point]:
    """Those that no other beats in both: at least as fast and at least as good, and better in one; the fastest first.

    Args:
        points: All that were measured.
        base: The model as it is, by which speed counts.
    """
    order = sorted(points, key=lambda each: (-each.speedup(base), each.drop))
    kept: list[Point] = []
    best = float("inf")
    for each in order:
        if each.drop < best:
            kept.append(each)
            best = each.drop
    return kept
