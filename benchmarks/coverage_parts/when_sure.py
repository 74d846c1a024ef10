"""The promise of ``abstain_threshold``: the accuracy of what is answered is at least what was wanted."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from coverage_parts.section import Section
from headstart.evaluation.selective import abstain_threshold

NEW = 50_000


def _steep(c: Any, wanted: float) -> Any:
    return wanted + 0.12 * np.sqrt(c) - 0.1  # crosses what is wanted at c = 0.7


def _flat(c: Any, wanted: float) -> Any:
    return np.full_like(c, wanted - 1e-3)  # no threshold keeps the promise: the worst case of the test


def _just_enough(c: Any, wanted: float) -> Any:
    return np.where(c > 0.5, wanted + 0.02, wanted - 0.1)


def _dip(c: Any, wanted: float) -> Any:
    return np.where(c > 0.9, wanted - 0.1, wanted + 0.02)  # the surest rows are wrong most often


def _waves(c: Any, wanted: float) -> Any:
    return wanted - 0.01 + 0.04 * np.sin(20 * c)


# How often a row is right, by its confidence (uniform in 0-1) and what is wanted. The last two break the assumption.
SHAPES = {"steep": _steep, "flat": _flat, "just enough": _just_enough, "dip at the top": _dip, "waves": _waves}


def sure_sections(scale: float, rng: np.random.Generator) -> dict[str, Section]:
    """See the package's docstring."""
    repeats = max(2, round(400 * scale))
    columns = ("n", "wanted", "shape", "ties")
    found = {
        "abstaining": Section(
            "promises of accuracy that are broken", 0.05, columns, ("promised_share", "answered"), is_floor=False
        ),
        "abstaining_naive": Section(
            "the same for the lowest threshold whose held-out rows are right often enough",
            None,
            columns,
            is_floor=False,
        ),
    }
    for n, wanted, shape, ties in product((50, 100, 200, 500, 1000), (0.8, 0.9, 0.95), SHAPES, (False, True)):
        chance = SHAPES[shape]
        c_new = _confidence(NEW, ties, rng)
        order = np.argsort(-c_new)
        accuracy = np.cumsum(np.clip(chance(c_new[order], wanted), 0, 1)) / np.arange(1, NEW + 1)
        rows = [_once(n, wanted, chance, ties, c_new[order], accuracy, rng) for _ in range(repeats)]
        broken, answered, naive = (np.array([row[i] for row in rows]) for i in range(3))
        found["abstaining"].add((n, wanted, shape, ties), broken, (answered > 0).mean(), answered.mean())
        found["abstaining_naive"].add((n, wanted, shape, ties), naive)
    return found


def _confidence(n: int, ties: bool, rng: np.random.Generator) -> Any:
    c = rng.random(n)
    return np.ceil(c * 20) / 20 if ties else c


def _once(n: int, wanted: float, chance: Any, ties: bool, falling: Any, accuracy: Any, rng: Any) -> Any:
    """Whether the promise is broken, the share answered, and whether the naive threshold breaks it."""
    c = _confidence(n, ties, rng)
    right = rng.random(n) < chance(c, wanted)
    threshold = abstain_threshold(c, right, wanted)
    order = np.argsort(-c, kind="stable")
    ends = np.append(np.diff(c[order]) != 0, True)
    enough = ends & (np.cumsum(right[order]) >= wanted * np.arange(1, n + 1))
    naive = c[order][np.flatnonzero(enough)[-1]] if enough.any() else None
    results = []
    for each in (threshold, naive):
        count = 0 if each is None else int(np.searchsorted(-falling, -each, side="right"))
        results.append((bool(count and accuracy[count - 1] < wanted), count / len(falling)))
    return results[0][0], results[0][1], results[1][0]
