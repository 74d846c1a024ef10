"""Label sets and numbers: the share of labels kept, and intervals that follow a scale."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from coverage_parts.section import Section
from headstart.core.learning import Targets
from headstart.evaluation.calibrators.choose import calibrated, choose_calibrator
from headstart.evaluation.conformal_labels import label_threshold, missed
from headstart.evaluation.conformal_numbers import scaled_intervals, scaled_reach
from headstart.evaluation.sigmoid import sigmoid

NEW = 5000
SCALES = {"right": lambda x: 0.2 + x, "none": np.ones_like, "upside down": lambda x: 1.4 - x}


def other_sections(scale: float, rng: np.random.Generator) -> dict[str, Section]:
    """See the package's docstring."""
    labels = Section("true labels that are given, one threshold for all labels", 0.9, ("n", "labels", "calibrated"))
    for n, width, is_calibrated in product((10, 20, 50, 100, 300, 1000), (3, 12), (False, True)):
        if is_calibrated and n not in (50, 300):
            continue
        repeats = max(2, round((40 if is_calibrated else 200) * scale))
        labels.add((n, width, is_calibrated), [_labels_once(n, width, is_calibrated, rng) for _ in range(repeats)])
    numbers = Section("numbers inside their scaled interval", 0.9, ("n", "scale"), ("mean_width",))
    for n, name in product((10, 20, 50, 100, 300, 1000), SCALES):
        rows = np.array([_numbers_once(n, SCALES[name], rng) for _ in range(max(2, round(200 * scale)))])
        numbers.add((n, name), rows[:, 0], rows[:, 1].mean())
    return {"labels": labels, "numbers": numbers}


def _labels(n: int, width: int, rng: np.random.Generator) -> tuple[Any, Any]:
    shares = np.linspace(0.1, 0.5, width)
    truth = (rng.random((n, width)) < shares) ^ (rng.random((n, 1)) < 0.1)  # labels come together
    return truth, 2.5 * (rng.normal(size=(n, width)) + 1.5 * truth - 0.75)


def _labels_once(n: int, width: int, is_calibrated: bool, rng: np.random.Generator) -> float:
    truth, z = _labels(n, width, rng)
    new_truth, new = _labels(NEW, width, rng)
    if is_calibrated:
        chosen = choose_calibrator(Targets(truth.astype(float), "multilabel", width), z, None, None, rng)
        z, new = chosen.outputs, calibrated(chosen.name, chosen.arrays, new, "multilabel")
    threshold = label_threshold(sigmoid(z), truth)
    return np.nan if threshold is None else float(1 - missed(sigmoid(new) >= threshold, new_truth).mean())


def _numbers_once(n: int, scale: Any, rng: np.random.Generator) -> tuple[float, float]:
    x, new = rng.random(n), rng.random(NEW)
    errors, new_errors = (rng.standard_t(4, size=len(each)) * (0.2 + each) for each in (x, new))
    low, high = scaled_intervals(np.zeros(NEW), scale(new), scaled_reach(errors, scale(x)))
    return float(((low <= new_errors) & (new_errors <= high)).mean()), float((high - low).mean())
