"""Features around class means, and what every score is asked about them."""

from __future__ import annotations

import numpy as np

from headstart.core import plugins
from headstart.core.learning import Targets

ROOM = "evaluation.transferability"


def made(n=120, d=6, classes=3, apart=1.5, seed=0):
    """Features ``(n, d)`` with class means about ``apart`` standard deviations from the middle, and their classes."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % classes
    return rng.normal(size=(n, d)) + apart * rng.normal(size=(classes, d))[y], y


def rotation(d, seed=1):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))[0]


def as_targets(classes, width=None):
    classes = np.asarray(classes, dtype=np.int64)
    return Targets(classes, "class", int(width or classes.max() + 1))


def score(name, features, targets, seed=0, **config):
    plugin = plugins.load(ROOM, name)
    return plugin.build(plugin.config(**config)).score(features, targets, np.random.default_rng(seed))
