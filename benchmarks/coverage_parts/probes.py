"""The whole way: a linear probe, its penalty chosen on five folds, its out-of-fold outputs calibrated, then sets."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from coverage_parts.section import Section
from headstart.core import plugins
from headstart.core.learning import Targets
from headstart.evaluation.calibrators.choose import calibrated, choose_calibrator
from headstart.evaluation.conformal import class_thresholds, classes_too_few, sets, thresholds
from headstart.evaluation.left_out import as_left_out
from headstart.evaluation.parting import parted
from headstart.evaluation.selective import abstaining
from headstart.evaluation.softmax import softmax

NEW = 3000
WANTED = 0.9


def probe_sections(scale: float, rng: np.random.Generator) -> dict[str, Section]:
    """See the package's docstring; the model that is used is refitted on all rows, as a fit does."""
    repeats = max(2, round(30 * scale))
    columns = ("n", "classes", "dimensions", "apart")
    found = {
        "probe_sets": Section(
            "sets of classes, probe and calibration cross-fitted",
            0.9,
            columns,
            ("mean_size", "none"),
            why_short="within noise, yet 0.01 where features tell little: the refitted probe is surer than a fold's",
        ),
        "probe_sets_by_class": Section("the classes' mean, probe and calibration cross-fitted", 0.9, columns),
        "probe_sets_as_they_are": Section(
            "sets of classes from out-of-fold outputs as they are",
            None,
            columns,
            why_short="folds that spread classes know how often each was drawn; the others use left_out.as_left_out",
        ),
        "probe_abstaining": Section(
            "promises of 90 % accuracy that are broken, probe and calibration cross-fitted",
            0.05,
            columns,
            ("answered", "promised_share"),
            is_floor=False,
        ),
    }
    for n, k, d, apart in product((30, 100, 300, 600), (2, 5, 10), (32, 256), (0.5, 1.5)):
        rows = [_once(n, k, d, apart, rng) for _ in range(repeats)]
        cell = (n, k, d, apart)
        held, by_class, plain, broken, answered, size, none = (np.array([row[i] for row in rows]) for i in range(7))
        found["probe_sets"].add(cell, held, size.mean(), none.mean())
        found["probe_sets_by_class"].add(cell, by_class)
        found["probe_sets_as_they_are"].add(cell, plain)
        promised = answered > 0
        found["probe_abstaining"].add(cell, broken, answered.mean(), promised.mean())
    return found


def _once(n: int, k: int, d: int, apart: float, rng: np.random.Generator) -> tuple[float, ...]:
    # Means in 8 of the dimensions, so that the classes' distance does not grow with d; spreads as unlike as features'.
    means = np.zeros((k, d))
    means[:, :8] = apart * rng.normal(size=(k, 8))
    spread = rng.exponential(size=d) + 0.2

    def rows(count: int) -> tuple[Any, Any]:
        y = rng.integers(k, size=count)
        return ((rng.normal(size=(count, d)) + means[y]) * spread).astype(np.float32), y.astype(np.int64)

    x, y = rows(n)
    y[: 2 * k] = np.arange(2 * k) % k  # every class in every training part
    x[: 2 * k] = ((rng.normal(size=(2 * k, d)) + means[y[: 2 * k]]) * spread).astype(np.float32)
    targets = Targets(y, "class", k)
    plugin = plugins.load("methods", "linear_probe")
    probe = plugin.build(plugin.config())
    folds = parted(y, None, 5, rng)
    solution = probe.fit(x, targets, folds, rng)
    new, truth = rows(NEW)
    outputs = probe.predict(solution.fitted, new)
    held_out = as_left_out(targets, solution.out_of_fold)
    chosen = choose_calibrator(targets, held_out, None, folds, rng)
    known, p = softmax(chosen.outputs), softmax(calibrated(chosen.name, chosen.arrays, outputs, "class"))
    given = sets(p, thresholds(known, y))
    few = classes_too_few(y, k)
    by_class = sets(p, class_thresholds(known, y))[np.arange(NEW), truth]
    plain = sets(softmax(outputs), thresholds(softmax(solution.out_of_fold), y))
    broken, answered = _kept(known, y, p, truth)
    return (
        given[np.arange(NEW), truth].mean(),
        np.mean([by_class[truth == c].mean() for c in range(k) if c not in few]) if len(few) < k else np.nan,
        plain[np.arange(NEW), truth].mean(),
        broken,
        answered,
        given.sum(axis=1).mean(),
        float(chosen.name == "none"),
    )


def _kept(known: Any, y: Any, p: Any, truth: Any) -> tuple[float, float]:
    """Whether the accuracy of what is answered is below what was wanted, and the share that is answered."""
    threshold = abstaining(known.max(axis=1), known.argmax(axis=1) == y, WANTED).threshold
    if threshold is None:
        return 0.0, 0.0
    is_answered = p.max(axis=1) >= threshold
    right = (p.argmax(axis=1) == truth)[is_answered]
    return float(len(right) > 0 and right.mean() < WANTED), float(is_answered.mean())
