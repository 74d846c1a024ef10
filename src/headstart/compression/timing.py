"""How long a graph takes for one input and for many, measured in turns, so that what else runs meets all alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

REPEATS = 9
SETTLED, QUIET = 0.02, 2  # so many rounds that lower no time by as much as that end it: nothing new comes
SECONDS = 0.02  # that one measurement takes at least, by repeating it
Run = Callable[[NDArray[Any]], Any]


def milliseconds(runs: Mapping[str, tuple[Run, Sequence[NDArray[Any]]]], repeats: int = REPEATS) -> dict[str, float]:
    """Milliseconds an input, by name: the least of several measurements, since nothing makes a computation faster.

    Args:
        runs: By name what is called, and the batches ``(B, ...)`` that it is called with, one after another.
        repeats: Most rounds; in each every one of them is measured once.
    """
    best = dict.fromkeys(runs, float("inf"))
    loops = {name: _loops(run, batches) for name, (run, batches) in runs.items()}
    quiet = 0
    for _ in range(repeats):
        quiet += 1
        for name, (run, batches) in runs.items():
            count = loops[name]
            began = time.perf_counter()
            for _ in range(count):
                for batch in batches:
                    run(batch)
            spent = time.perf_counter() - began
            inputs = count * sum(len(batch) for batch in batches)
            now = 1000 * spent / inputs
            if now < (1 - SETTLED) * best[name]:
                quiet = 0
            best[name] = min(best[name], now)
        if quiet == QUIET:
            break
    return best


def _loops(run: Run, batches: Sequence[NDArray[Any]]) -> int:
    """How often to go through the batches; the first call warms up and is not counted."""
    for batch in batches:
        run(batch)
    began = time.perf_counter()
    for batch in batches:
        run(batch)
    return max(1, int(np.ceil(SECONDS / max(time.perf_counter() - began, 1e-6))))
