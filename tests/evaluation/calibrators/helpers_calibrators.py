"""Logits whose softmax is right once they are divided by a known number, and targets of every kind."""

from __future__ import annotations

import numpy as np

from headstart.core import plugins
from headstart.core.learning import Targets

ROOM = "evaluation.calibrators"


def made(n=200, k=3, too_sharp=1.0, seed=0, strength=2.0):
    """Class means at distance ``strength`` in unit noise: times ``strength`` they are calibrated logits."""
    rng = np.random.default_rng(seed)
    y = rng.integers(k, size=n)
    z = rng.normal(size=(n, k))
    z[np.arange(n), y] += strength
    return Targets(y.astype(np.int64), "class", k), z * strength * too_sharp


def made_labels(n=200, width=3, too_sharp=1.0, seed=0, strength=2.0):
    rng = np.random.default_rng(seed)
    y = rng.random((n, width)) < 0.4
    z = rng.normal(size=(n, width)) + strength * y
    logits = strength * z - strength**2 / 2 + np.log(0.4 / 0.6)
    return Targets(y.astype(np.float64), "multilabel", width), logits * too_sharp


def of_kind(kind, **settings):
    if kind == "multilabel":
        return made_labels(**settings)
    targets, logits = made(**settings)
    return Targets(targets.values, kind, targets.width), logits


def built(name, **config):
    plugin = plugins.load(ROOM, name)
    return plugin.build(plugin.config(**config))
