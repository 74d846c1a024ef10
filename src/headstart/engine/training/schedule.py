"""The learning rate as a function of progress alone, so that a resumed run needs no state of it."""

from __future__ import annotations

import math

ONE_CYCLE_START = 1 / 25  # share of the largest rate at the first step: Smith & Topin, 2017, arXiv:1708.07120
COSINE_WARMUP = 0.05  # share of the steps, where the setting asks for cosine and says nothing of warm-up


def rate(schedule: str, progress: float, warmup: float) -> float:
    """Factor 0-1 on the largest learning rate.

    Args:
        schedule: "one_cycle" (linear up, then half a cosine down), "cosine" (the same with a warm-up of at most 5 %)
            or "constant".
        progress: Share of the steps that are done, 0-1.
        warmup: Share of the steps in which the rate rises.
    """
    if schedule == "constant":
        return 1.0
    rising = min(warmup, COSINE_WARMUP) if schedule == "cosine" else warmup
    if progress < rising:
        return ONE_CYCLE_START + (1 - ONE_CYCLE_START) * progress / rising
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (progress - rising) / max(1 - rising, 1e-9))))
