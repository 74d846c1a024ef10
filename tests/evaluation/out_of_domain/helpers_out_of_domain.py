"""Features around class means, and rows from elsewhere."""

from __future__ import annotations

import numpy as np

from headstart.core import plugins
from headstart.core.learning import Targets

ROOM = "evaluation.out_of_domain"


def made(n=200, d=12, classes=3, apart=2.0, seed=0):
    """Rows ``(n, d)`` and classes; the classes' means depend on d and the number of classes alone."""
    rng = np.random.default_rng(seed)
    means = apart * np.random.default_rng(100 + d).normal(size=(classes, d))
    y = np.arange(n) % classes
    return rng.normal(size=(n, d)) + means[y], Targets(y.astype(np.int64), "class", classes)


def elsewhere(n=200, d=12, seed=1, far=6.0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) + far * np.random.default_rng(7).normal(size=d)


def built(name, **config):
    plugin = plugins.load(ROOM, name)
    return plugin.build(plugin.config(**config))
