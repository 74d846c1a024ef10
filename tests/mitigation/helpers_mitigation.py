"""A shortcut with a known answer: one feature says the class weakly, another one the group, which mostly agrees."""

from __future__ import annotations

import numpy as np

from headstart.core.learning import Targets
from headstart.methods.linear_probe import LinearProbe, LinearProbeConfig
from headstart.mitigation.grouped import Grouped

PROBE = LinearProbe(LinearProbeConfig())


def spurious(n, agree=0.95, seed=0, d=8, core=1.5, shortcut=3.0):
    """Features ``(N, D)``, classes and groups ``(N,)``; the group is the class with a probability of ``agree``."""
    rng = np.random.default_rng(seed)
    classes = np.arange(n) % 2
    groups = np.where(rng.random(n) < agree, classes, 1 - classes)
    x = rng.normal(size=(n, d))
    x[:, 0] += core * (2 * classes - 1)
    x[:, 1] += shortcut * (2 * groups - 1)
    return x.astype(np.float32), classes, groups


def given(n=400, **more):
    x, classes, groups = spurious(n, **more)
    return Grouped(x, Targets(classes, "class", 2), groups, (np.arange(n) // 2) % 5)


def worst_accuracy(right, classes, groups):
    return min(float(right[(classes == y) & (groups == g)].mean()) for y in (0, 1) for g in (0, 1))
