"""Views of heads that never were: outputs made up to be judged."""

from __future__ import annotations

import numpy as np

from headstart.adaptation.contract import VALIDATORS, View
from headstart.adaptation.domains import Labeled
from headstart.adaptation.space import Space
from headstart.core import plugins
from headstart.core.learning import Targets
from headstart.core.seeding import generator

SURE = 4.0  # logit of what a made-up head says


def labeled(features, classes, width):
    rows = len(classes)
    targets = Targets(np.asarray(classes, np.int64), "class", width)
    return Labeled(features, targets, np.arange(rows), np.ones(rows, bool))


def said(classes, width, sure=SURE):
    """Outputs of a head that says these classes."""
    return sure * (np.asarray(classes)[:, None] == np.arange(width)).astype(float)


def view(held=None, held_said=None, target=None, outputs=None, **given):
    """Four learned, four held-out and four target rows in two classes, all right; change what matters."""
    corners = np.array([[0.0, 1.0], [0.0, 1.2], [1.0, 0.0], [1.2, 0.0]], np.float32)
    classes = np.array([0, 0, 1, 1])
    held = labeled(corners, classes, 2) if held is None else held
    width = held.targets.width
    outputs = said(classes, width) if outputs is None else np.asarray(outputs, float)
    target = np.resize(corners, (len(outputs), 2)) if target is None else target
    learned = given.pop("learned", labeled(corners, classes, width))
    found = {
        "learned": learned,
        "held": held,
        "carried": held.features,
        "held_outputs": said(held.targets.values, width) if held_said is None else np.asarray(held_said, float),
        "target": target,
        "outputs": outputs,
        "shift": None,
        "start": outputs,
        "ratio": np.ones(len(held)),
        "carry": None,
        "space": Space.of(target, learned, generator(0, "space")),
        "again": lambda pseudo: said(held.targets.values, width),
    }
    return View(**{**found, **given})


def estimate(name, seen, seed=0):
    plugin = plugins.load(VALIDATORS, name)
    return plugin.build(plugin.config()).estimate(seen, generator(seed, name))


def random_view(seed=0, h=40, m=60, k=4, d=6, noise=1.0):
    """Rows around the class means, a head that is right more often the smaller ``noise``."""
    rng = np.random.default_rng(seed)
    means = 2 * rng.normal(size=(k, d))

    def rows(count):
        classes = rng.permutation(np.arange(count) % k)
        features = (means[classes] + rng.normal(size=(count, d))).astype(np.float32)
        unsure = said(classes, k) + noise * 2 * rng.normal(size=(count, k))
        return features, classes, unsure / max(noise, 1.0) ** 2

    ours, classes, outputs = rows(h)
    theirs, truth, target_outputs = rows(m)
    learned, learned_classes, _ = rows(h)
    again = rows(h)[2]
    return view(
        labeled(ours, classes, k), outputs, theirs, target_outputs,
        ratio=rng.exponential(size=h), again=lambda pseudo: again, learned=labeled(learned, learned_classes, k),
    )  # fmt: skip
