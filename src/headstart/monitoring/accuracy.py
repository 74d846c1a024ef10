"""How often the model is right in a window: estimated without targets, measured where some are known."""

from __future__ import annotations

import math
from typing import Any

from headstart.core.errors import ShapeError
from headstart.evaluation.drift.estimated_accuracy import Z, by_confidence, by_threshold
from headstart.evaluation.drift.label_shift import corrected_shares, shares_interval, why_not
from headstart.evaluation.intervals import interval
from headstart.evaluation.proportions import clopper_pearson
from headstart.monitoring.reference import Reference
from headstart.monitoring.window import Window

FEWEST = 20  # examples of a window below which nothing is estimated
MOST_CORRECTED = 100  # classes up to which shares are corrected with intervals


def accuracy_section(reference: Reference, window: Window) -> dict[str, Any]:
    """JSON: ``held_out``, ``estimated`` by ``confidence`` and by ``threshold``, ``cost`` in points, ``measured``.

    ``why_not`` instead of what cannot be told.
    """
    if reference.error is not None:
        return _errors(reference, window)
    sureness = reference.sureness
    if sureness is None:
        why = reference.why_not.get("predictions", "of sets of labels accuracy is not estimated")
        return {"metric": "accuracy", "why_not": why}
    found: dict[str, Any] = {"metric": "accuracy", "held_out": share(round(sureness.right * sureness.n), sureness.n)}
    right, known = (int(each) for each in window.right.sum(axis=0)) if window.right.size else (0, 0)
    found["measured"] = share(right, known) if known else None
    m = window.examples
    if m < FEWEST:
        found["why_not"] = f"{m} examples are too few; {FEWEST} are needed"
        return found
    total, squares, above = (float(each) for each in window.sure)
    found["estimated"] = {
        "confidence": by_confidence(sureness, total, max(total - squares, 0.0), m),
        "threshold": by_threshold(sureness, int(above), m),
    }
    mean = total / m
    variance = max(squares / m - mean**2, 0.0) / m + reference.sure_variance / sureness.n
    fall, reach = (sureness.sure - mean) * 100, Z * math.sqrt(variance) * 100
    found["cost"] = interval(round(fall, 3), (fall - reach, fall + reach))
    return found


def share(successes: int, trials: int) -> dict[str, Any]:
    """A proportion with its exact 95 % interval."""
    if trials < 1:
        raise ShapeError("a share needs at least one example; got none.")
    low, high = clopper_pearson(successes, trials)
    return {**interval(successes / trials, (float(low), float(high))), "n": trials}


def _errors(reference: Reference, window: Window) -> dict[str, Any]:
    before = reference.error
    assert before is not None  # noqa: S101 - the caller looked
    found: dict[str, Any] = {
        "metric": "mean absolute error",
        "held_out": _mean(before.n, before.mean, before.variance),
        "measured": None,
        "why_not": "of numbers the error is not estimated without targets",
    }
    n, total, squares = (float(each) for each in window.errors)
    if n:
        mean = total / n
        found["measured"] = _mean(int(n), mean, max(squares / n - mean**2, 0.0))
    return found


def _mean(n: int, mean: float, variance: float) -> dict[str, Any]:
    reach = Z * math.sqrt(variance / n)
    return {**interval(mean, (max(mean - reach, 0.0), mean + reach)), "n": n}


def classes_section(reference: Reference, window: Window, names: tuple[str, ...], rng: Any) -> list[dict[str, Any]]:
    """For each class: how often it was predicted and is now, its corrected share, how right its predictions are."""
    confusion, now = reference.confusion, window.predicted
    if not len(confusion) or not now.sum():
        return []
    corrected = low = high = None
    if len(now) <= MOST_CORRECTED and not why_not(confusion):
        corrected = corrected_shares(confusion, now)
        low, high = shares_interval(confusion, now, rng)
    predicted, true = confusion.sum(axis=1), confusion.sum(axis=0)
    found = []
    for k, name in enumerate(names):
        each: dict[str, Any] = {
            "name": name,
            "predicted_before": float(predicted[k] / predicted.sum()),
            "predicted_now": float(now[k] / now.sum()),
            "share_before": float(true[k] / true.sum()),
            "share_now": None,
            "right_before": share(int(confusion[k, k]), int(predicted[k])) if predicted[k] else None,
            "right_estimated": float(window.sure_by_class[k] / now[k]) if now[k] else None,
            "right_measured": share(*(int(each) for each in window.right[k])) if window.right[k, 1] else None,
        }
        if corrected is not None and low is not None and high is not None:
            each["share_now"] = interval(float(corrected[k]), (float(low[k]), float(high[k])))
        found.append(each)
    return found
