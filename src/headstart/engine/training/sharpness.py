"""One factor on all logits, chosen on the validation rows: what a linear head can absorb.

A network that is trained for epochs grows overconfident, so its log-loss rises while it still gets better at telling
classes apart. Points of a training are compared at their best temperature (Guo et al., ICML 2017, arXiv:1706.04599),
the start like all others, and what ships has it in the head's weights.
"""

from __future__ import annotations

import math

import numpy as np

from headstart.core.learning import Floats, Targets, Task

LOWEST, HIGHEST = 0.05, 5.0  # of the factor: temperatures of 20 and 0.2
STEPS = 24  # of a golden-section search: to a thousandth of the range's logarithm
GOLDEN = (math.sqrt(5) - 1) / 2


def best_factor(task: Task, targets: Targets, outputs: Floats) -> float:
    """The factor of outputs ``(N, W)`` with the smallest mean loss; 1 for numbers, which have no logits.

    The loss is convex in the factor, so golden sections find its minimum.
    """
    if targets.kind == "real" or not np.isfinite(outputs).all():
        return 1.0

    def loss(position: float) -> float:
        return float(task.loss(targets, outputs * math.exp(position)).mean())

    low, high = math.log(LOWEST), math.log(HIGHEST)
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = loss(left), loss(right)
    for _ in range(STEPS):
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            at_left = loss(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            at_right = loss(right)
    return math.exp((low + high) / 2)
