"""Logits whose softmax is right, and what is done to make it wrong."""

from __future__ import annotations

from typing import Any

import numpy as np

from headstart.core.learning import Targets

# What a model may do to logits that are right, by name.
DISTORTIONS = {
    "right": lambda z: z,
    "too sure": lambda z: 3.0 * z,
    "too unsure": lambda z: 0.3 * z,
    "shifted": lambda z: 2.0 * z + np.linspace(-1.5, 1.5, z.shape[1]),
}


def shares_of(k: int, balance: str) -> Any:
    """``(K,)`` shares of the classes: equal, or each a fixed part of the one before, the last a tenth of the first."""
    shares = np.ones(k) if balance == "equal" else 0.1 ** (np.arange(k) / (k - 1))
    return shares / shares.sum()


def drawn(n: int, shares: Any, rng: np.random.Generator) -> tuple[Targets, Any]:
    """Classes, and logits that are calibrated: class means apart so far that about two thirds of the rows are right."""
    k = len(shares)
    apart = 0.8 + 0.5 * np.log(k)
    y = rng.choice(k, n, p=shares)
    z = rng.normal(size=(n, k))
    z[np.arange(n), y] += apart
    return Targets(y.astype(np.int64), "class", k), apart * z + np.log(shares)
