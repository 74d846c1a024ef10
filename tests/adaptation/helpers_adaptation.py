"""Two small domains whose difference is known, as adapters are given them; the truth is handed out apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from headstart.adaptation.domains import Domains, Labeled, Unlabeled
from headstart.adaptation.solver import PenaltySolver
from headstart.core.learning import Targets

SOLVER = PenaltySolver(1.0)
MEANS = np.zeros((3, 8))
MEANS[0, 0], MEANS[1, 1], MEANS[2, 2] = 3.0, 3.0, 3.0
EQUAL = (1 / 3, 1 / 3, 1 / 3)


def drawn(rng, rows, shares=EQUAL, noise=1.0):
    """Rows of three classes, each three units from the middle along an axis of its own."""
    classes = rng.choice(3, size=rows, p=shares)
    return (MEANS[classes] + noise * rng.normal(size=(rows, 8))).astype(np.float32), classes.astype(np.int64)


def domains_of(source, classes, target, width=3):
    """What an adapter is given: the head is solved on all source rows, the held-out ones on the other half."""
    rows = np.arange(len(classes))
    labeled = Labeled(source, Targets(classes, "class", width), rows, np.ones(len(classes), bool))
    head = SOLVER.fit(source, labeled.targets)
    even = rows % 2 == 0
    half = SOLVER.fit(source[even], labeled.targets.take(even))
    return Domains(
        source=labeled,
        target=Unlabeled(target),
        start=SOLVER.outputs(head, target),
        held_out=SOLVER.outputs(half, source[~even]),
        held_out_targets=labeled.targets.take(~even),
        head=head,
    )


def shifted(name, seed=0, rows=240):
    """Two domains, and what the target rows are ``(m,)``: "none" has no shift."""
    rng = np.random.default_rng(seed)
    if name == "part":
        return part_of_a_curve(rng, rows)
    if name == "turning":
        return turning(rng)
    if name in ("shops", "far_shop"):
        return from_shops(rng, rows, name == "far_shop")
    noise = 1.6 if name == "shares" else 1.0
    source, classes = drawn(rng, rows, EQUAL, noise)
    target, truth = drawn(rng, rows, (0.8, 0.15, 0.05) if name == "shares" else EQUAL, noise)
    if name == "moved":  # every axis by itself
        target = target * np.float32(1.5) + np.float32(2.0) * np.arange(-4, 4, dtype=np.float32)
    elif name == "mixed":  # axes leak into each other
        target = target @ (np.eye(8) + 0.5 * np.diag(np.ones(7), 1) + 0.5 * np.diag(np.ones(7), -1)).astype(np.float32)
    elif name == "turned":
        target = target @ turned(0.8).astype(np.float32)
    return domains_of(source, classes, target), truth


def from_shops(rng, rows, is_far):
    """Source rows of two domains. Each is moved another way; or the target is as the first, and the second, of three
    quarters of the rows, calls everything by the next class's name.
    """
    source, classes = drawn(rng, rows)
    target, truth = drawn(rng, rows)
    origin = (np.arange(rows) % 4 > 0 if is_far else np.arange(rows) % 2 > 0).astype(np.int64)
    if is_far:
        classes = np.where(origin == 1, (classes + 1) % 3, classes)
        source = source + np.where(origin[:, None] == 1, [0, 0, 0, 0, 0, 0, 0, 4], 0).astype(np.float32)
    else:
        source = source + np.where(origin[:, None] == 1, [5, 0, 0, 2, 0, 0, 0, 0], [0, 5, 0, 0, 2, 0, 0, 0])
        source, target = source.astype(np.float32), target + np.array([0, 0, 5, 0, 0, 2, 0, 0], np.float32)
    found = domains_of(source, classes, target)
    assert found.source is not None
    return replace(found, source=replace(found.source, origin=origin)), truth


def turning(rng, windows=11, rows=60):
    """Three classes around a circle, a third of it apart, that turn by 11 degrees a window: at the end each is where
    the next one was.
    """

    def drawn_at(angle):
        classes = rng.integers(3, size=rows)
        around = angle + classes * 2 * np.pi / 3
        features = rng.normal(size=(rows, 8))
        features[:, 0] += 4 * np.cos(around)
        features[:, 1] += 4 * np.sin(around)
        return features.astype(np.float32), classes

    source, classes = drawn_at(0.0)
    *before, (target, truth) = (drawn_at(np.deg2rad(11) * step) for step in range(1, windows + 1))
    return replace(domains_of(source, classes, target), path=tuple(Unlabeled(each) for each, _ in before)), truth


def turned(angle):
    """``(8, 8)`` rotation of the first axis towards the last but the others as they were."""
    found = np.eye(8)
    found[0, 0] = found[7, 7] = np.cos(angle)
    found[0, 7], found[7, 0] = np.sin(angle), -np.sin(angle)
    return found


def part_of_a_curve(rng, rows):
    """A border that no line follows; of it the target shows the left arm, where a line would do."""
    source = rng.uniform(-3, 3, (3 * rows, 2)).astype(np.float32)
    target = np.stack([rng.uniform(-3, -1.5, rows), rng.uniform(-3, 3, rows)], axis=1).astype(np.float32)
    above = [(each[:, 1] > np.abs(each[:, 0]) - 1.5).astype(np.int64) for each in (source, target)]
    return domains_of(source, above[0], target, 2), above[1]


def outputs_of(adapted, domains):
    """``(m, K)`` of the target rows."""
    outputs = domains.start if adapted.fitted is None else SOLVER.outputs(adapted.fitted, domains.target.features)
    return outputs if adapted.shift is None else outputs + adapted.shift


def accuracy(outputs, truth):
    return float((outputs.argmax(axis=1) == truth).mean())
