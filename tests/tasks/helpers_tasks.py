"""One small problem per task: targets as users write them, outputs that are mostly right, and others that are worse.

The targets and the right outputs come from ``example`` of the task's own test file, ``test_<task>.py``.
"""

from __future__ import annotations

from importlib import import_module

import numpy as np

from headstart.core import plugins

TASKS = tuple(plugins.names("tasks"))
OF_NUMBERS = tuple(name for name in TASKS if plugins.load("tasks", name).build.kind == "real")


def problem(name: str, n: int = 90, seed: int = 0):
    """``(targets, outputs, worse)``: ``(n,)`` objects, ``(n, W)``, ``(n, W)``."""
    rng = np.random.default_rng(seed)
    targets, right, noise = import_module(f"tasks.test_{name}").example(rng, n)
    outputs, worse = (right + scale * noise * rng.normal(size=right.shape) for scale in (1, 3))
    return np.array(targets, dtype=object), outputs, worse


def grades(rng: np.random.Generator, n: int):
    """Four classes or grades as texts, the logits that give them, and how much noise still leaves most right."""
    y = np.append(np.arange(4), rng.integers(4, size=n - 4))
    return [str(value) for value in y], -((np.arange(4) - y[:, None]) ** 2.0), 0.7
