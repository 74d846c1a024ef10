"""Small data that looks like a network's features: decaying spectrum, class structure, some dead dimensions."""

from __future__ import annotations

import numpy as np

from headstart.core.learning import Targets


def features_like(n, d, k, seed=0, noise=1.0):
    """``(N, D)`` float32, classes ``(N,)``, folds ``(N,)`` of 5 with each class spread over them."""
    rng = np.random.default_rng(seed)
    spectrum = (1 + np.arange(d)) ** -0.5
    turn = np.linalg.qr(rng.standard_normal((d, d)))[0]
    classes = np.arange(n) % k
    centres = rng.standard_normal((k, d)) * spectrum
    x = ((centres[classes] + noise * rng.standard_normal((n, d)) * spectrum) @ turn).astype(np.float32)
    return x + 3, classes, (np.arange(n) // k) % 5


def as_targets(classes, width=None):
    return Targets(np.asarray(classes, np.int64), "class", int(width or np.max(classes) + 1))


def log_loss(logits, classes):
    """Written out row by row."""
    total = 0.0
    for row, own in zip(np.asarray(logits, np.float64), classes, strict=True):
        top = row.max()
        total += top + np.log(np.exp(row - top).sum()) - row[own]
    return total / len(classes)


def probabilities(logits):
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)
