"""A pairwise covering design: every pair of values of two factors occurs in at least one case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

Pair = tuple[tuple[str, Any], tuple[str, Any]]


def covering(factors: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Cases, each with one value for every factor; the same factors give the same cases.

    Greedy: begin with the first pair that no case has, then give each other factor the value that brings most new
    pairs; of equals the one that was used least.

    >>> cases = covering({"a": [1, 2], "b": "xy", "c": [True, False]})
    >>> len(cases), missing(cases, {"a": [1, 2], "b": "xy", "c": [True, False]})
    (4, [])
    """
    missed = dict.fromkeys(pairs(factors))
    used = {(name, value): 0 for name, values in factors.items() for value in values}
    cases = []
    while missed:
        case = dict(next(iter(missed)))
        for name in factors:
            if name not in case:
                case[name] = max(factors[name], key=lambda value: (_new(case, name, value, missed), -used[name, value]))
        case = {name: case[name] for name in factors}
        for chosen in case.items():
            used[chosen] += 1
        for pair in combinations(case.items(), 2):
            missed.pop(pair, None)
        cases.append(case)
    return cases


def pairs(factors: Mapping[str, Sequence[Any]]) -> Iterator[Pair]:
    """All pairs of values of two factors, the factors in their order."""
    for one, other in combinations(factors, 2):
        yield from (((one, first), (other, second)) for first in factors[one] for second in factors[other])


def missing(cases: Sequence[Mapping[str, Any]], factors: Mapping[str, Sequence[Any]]) -> list[Pair]:
    """Pairs that no case has."""
    return [pair for pair in pairs(factors) if not any(pair[0] in c.items() and pair[1] in c.items() for c in cases)]


def _new(case: Mapping[str, Any], name: str, value: Any, missed: Mapping[Pair, None]) -> int:
    mine = (name, value)
    return sum((mine, other) in missed or (other, mine) in missed for other in case.items())
