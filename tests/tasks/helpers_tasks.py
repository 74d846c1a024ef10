"""One small problem per task: targets as users write them, outputs that are mostly right, and others that are worse."""

from __future__ import annotations

import json

import numpy as np

TASKS = ("classification", "multilabel", "ordinal", "regression")


def problem(name: str, n: int = 90, seed: int = 0):
    """``(targets, outputs, worse)``: ``(n,)`` objects, ``(n, W)``, ``(n, W)``."""
    rng = np.random.default_rng(seed)
    if name == "regression":
        y = np.round(rng.normal(size=n), 3)
        right, width = y[:, None], 1
        targets = [str(value) for value in y]
        noise = 0.4
    elif name == "multilabel":
        flags = rng.random((n, 4)) < [0.5, 0.3, 0.2, 0.1]
        flags[:4] |= np.eye(4, dtype=bool)  # each label is there
        right, width = 4.0 * flags - 2, 4
        targets = [json.dumps([f"l{k}" for k in np.flatnonzero(row)]) for row in flags]
        noise = 1.0
    else:
        y = np.append(np.arange(4), rng.integers(4, size=n - 4))
        right, width = -((np.arange(4) - y[:, None]) ** 2.0), 4
        targets = [str(value) for value in y]
        noise = 0.7
    outputs, worse = (right + scale * noise * rng.normal(size=(n, width)) for scale in (1, 3))
    return np.array(targets, dtype=object), outputs, worse
