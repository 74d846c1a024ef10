"""Sets of classes from held-out rows of a model that is given: as its logits are, and after a calibration on them."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from coverage_parts.logits import DISTORTIONS, drawn, shares_of
from coverage_parts.section import Section
from headstart.evaluation.calibration import reliability
from headstart.evaluation.calibrators.choose import calibrated, choose_calibrator
from headstart.evaluation.calibrators.contract import log_losses
from headstart.evaluation.conformal import class_thresholds, classes_too_few, coverage_span, sets, thresholds
from headstart.evaluation.softmax import softmax

NEW = 2000  # new rows in each repeat
MANY = 50_000  # rows that the coverage of a threshold is measured on, where it is compared with its span
CLASSES = (2, 5, 20)
BALANCES = ("equal", "one to ten")


def held_out_sections(scale: float, rng: np.random.Generator) -> dict[str, Section]:
    """See the package's docstring."""
    return {**as_they_are(max(2, round(100 * scale)), rng), **after_calibration(max(2, round(40 * scale)), rng)}


def as_they_are(repeats: int, rng: np.random.Generator) -> dict[str, Section]:
    """Marginal and class-conditional sets at 90 and 95 %."""
    columns, fallback = (
        ("n", "classes", "balance"),
        "they get the threshold for all classes, which promises them nothing",
    )
    found = {
        "sets": Section("sets of classes", 0.9, columns, ("mean_size",)),
        "sets_of_95": Section("sets of classes at 95 %", 0.95, columns, ("mean_size",)),
        "span": Section("coverage of these rows' threshold inside coverage_span", 0.95, columns),
        "span_of_95": Section("the same at 95 %", 0.95, columns),
        "sets_by_class": Section("the worst class, thresholds of classes", 0.9, columns, ("mean_size",)),
        "rare_classes": Section(
            "classes with too few rows for a threshold of their own", None, columns, why_short=fallback
        ),
        "sets_by_class_all": Section(
            "all rows, thresholds of classes",
            None,
            columns,
            why_short=f"some classes may have too few rows; {fallback}",
        ),
    }
    for n, k, balance in product((10, 20, 50, 100, 200, 500, 1000), CLASSES, BALANCES):
        shares = shares_of(k, balance)
        truth, z = drawn(MANY, shares, rng)
        own = np.sort(softmax(z)[np.arange(MANY), truth.values])
        for level, suffix in ((0.9, ""), (0.95, "_of_95")):
            rows = [_once(n, shares, level, own, rng) for _ in range(repeats)]
            held, size, inside = (np.array([row[i] for row in rows]) for i in range(3))
            found["sets" + suffix].add((n, k, balance), held, size.mean())
            found["span" + suffix].add((n, k, balance), inside)
        by_class, size, rare, in_all = zip(*(_by_class_once(n, shares, rng) for _ in range(repeats)), strict=True)
        of_class = np.array(by_class)
        with_own = [c for c in range(k) if np.isfinite(of_class[:, c]).sum() > max(repeats / 4, 1)]
        if with_own:
            worst = min(with_own, key=lambda c: np.nanmean(of_class[:, c]))
            found["sets_by_class"].add((n, k, balance), of_class[:, worst], float(np.mean(size)))
        found["rare_classes"].add((n, k, balance), rare)
        found["sets_by_class_all"].add((n, k, balance), in_all)
    return found


def _once(n: int, shares: Any, level: float, own: Any, rng: np.random.Generator) -> tuple[float, ...]:
    """Coverage and size on new rows, whether the coverage is in the span; ``own``: many p of the truth, rising."""
    targets, z = drawn(n, shares, rng)
    threshold = thresholds(softmax(z), targets.values, level)
    if threshold is None:
        return (np.nan,) * 3
    truth, z = drawn(NEW, shares, rng)
    given = sets(softmax(z), threshold)
    low, high = coverage_span(n, level)
    coverage = 1 - np.searchsorted(own, threshold) / len(own)  # before empty sets are filled, which the span is about
    is_held = given[np.arange(NEW), truth.values]
    return is_held.mean(), given.sum(axis=1).mean(), float(low <= coverage <= high)


def _by_class_once(n: int, shares: Any, rng: np.random.Generator) -> tuple[Any, float, float, float]:
    """Coverage of each class with a threshold of its own, mean size, coverage of the other classes and of all rows."""
    k = len(shares)
    targets, z = drawn(n, shares, rng)
    truth, new = drawn(NEW, shares, rng)
    given = sets(softmax(new), class_thresholds(softmax(z), targets.values))
    is_held, y = given[np.arange(NEW), truth.values], truth.values
    few = classes_too_few(targets.values, k)
    of_class = [is_held[y == c].mean() if c not in few and (y == c).any() else np.nan for c in range(k)]
    is_rare = np.isin(y, few)
    rare = is_held[is_rare].mean() if is_rare.any() else np.nan
    return np.array(of_class), given.sum(axis=1).mean(), rare, is_held.mean()


def after_calibration(repeats: int, rng: np.random.Generator) -> dict[str, Section]:
    """Thresholds on cross-fitted calibrated outputs, used on new rows through the map that was learned on all rows."""
    columns = ("n", "classes", "balance", "logits")
    found = {
        "calibrated_sets": Section("sets of classes after a calibration on the same rows", 0.9, columns, ("n_none",)),
        "calibrated_sets_by_class": Section("the classes' mean, after a calibration on the same rows", 0.9, columns),
        "bins": Section("accuracy of a bin of confidence, exact bounds", 0.95, columns, ("per_bin",)),
        "log_loss": Section(
            "log-loss of new rows after the calibration, less that without, in nats", None, columns, is_floor=False
        ),
    }
    for n, k, balance, name in product((30, 60, 150, 400, 1000), CLASSES, BALANCES, DISTORTIONS):
        rows = [_once_calibrated(n, shares_of(k, balance), DISTORTIONS[name], rng) for _ in range(repeats)]
        held, by_class, bins, per_bin, change, is_none = (np.array([row[i] for row in rows]) for i in range(6))
        cell = (n, k, balance, name)
        found["calibrated_sets"].add(cell, held, is_none.mean())
        found["calibrated_sets_by_class"].add(cell, by_class)
        found["bins"].add(cell, bins, per_bin.mean())
        found["log_loss"].add(cell, change)
    return found


def _once_calibrated(n: int, shares: Any, distorted: Any, rng: np.random.Generator) -> tuple[float, ...]:
    """Coverage of new rows and of classes, share of bins held, rows per bin, change of log-loss, whether "none"."""
    targets, z = drawn(n, shares, rng)
    chosen = choose_calibrator(targets, distorted(z), None, None, rng)
    truth, new = drawn(NEW, shares, rng)
    p, y, k, new = softmax(chosen.outputs), truth.values, truth.width, distorted(new)
    after = calibrated(chosen.name, chosen.arrays, new, "class")
    given = softmax(after)
    is_held = sets(given, thresholds(p, targets.values))[np.arange(len(y)), y]
    by_class = sets(given, class_thresholds(p, targets.values))[np.arange(len(y)), y]
    few = classes_too_few(targets.values, k)
    of_classes = [by_class[y == c].mean() for c in range(k) if c not in few and (y == c).any()]
    held_bins, per_bin = _bins(given, y, min(n, 300), rng)
    gain = log_losses(truth, after).mean() - log_losses(truth, new).mean()
    return (
        is_held.mean(),
        np.mean(of_classes) if of_classes else np.nan,
        held_bins,
        per_bin,
        float(gain),
        float(chosen.name == "none"),
    )


def _bins(p: Any, y: Any, size: int, rng: np.random.Generator) -> tuple[float, float]:
    """Share of the bins of ``size`` test rows whose bounds hold the accuracy of all rows in them; rows per bin."""
    confidence, right = p.max(axis=1), p.argmax(axis=1) == y
    test = rng.integers(len(y), size=size)
    bins = reliability(confidence[test], right[test])
    low, high = bins.accuracy_bounds
    place = np.clip(np.ceil(confidence * 15).astype(int) - 1, 0, 14)
    truth = np.array([right[place == each].mean() for each in np.unique(place[test])])
    return float(((low <= truth) & (truth <= high)).mean()), float(bins.count.mean())
