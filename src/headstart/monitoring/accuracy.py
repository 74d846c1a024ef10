"""How often the model is right in a window: estimated without targets, measured where some are known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError
from headstart.evaluation.drift.estimated_accuracy import Z, by_confidence, by_threshold
from headstart.evaluation.drift.label_shift import (
    accuracy_of_shares,
    bounds,
    corrected_shares,
    shares_drawn,
    why_not,
)
from headstart.evaluation.intervals import interval
from headstart.evaluation.proportions import clopper_pearson
from headstart.monitoring.reference import Reference
from headstart.monitoring.window import Window

FEWEST = 20  # examples of a window below which nothing is estimated
MOST_CORRECTED = 100  # classes up to which shares are corrected with intervals


def accuracy_section(reference: Reference, window: Window) -> dict[str, Any]:
    """JSON: ``held_out``, ``estimated`` by ``confidence`` and ``threshold``, ``cost`` in points, ``measured``.

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


@dataclass(frozen=True)
class Shares:
    """How often classes come, corrected for how they are confused.

    Attributes:
        now, low, high: ``(K,)`` with 95 % intervals.
        accuracy: JSON interval: of the window, where nothing but the shares changed.
    """

    now: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    accuracy: dict[str, Any]


def shares_of(reference: Reference, window: Window) -> Shares | None:
    """None where there are no classes, too many, or such that predictions do not tell them apart."""
    confusion, m = reference.confusion, int(window.predicted.sum())
    if m < FEWEST or not 0 < len(confusion) <= MOST_CORRECTED or why_not(confusion):
        return None
    now = corrected_shares(confusion, window.predicted)
    drawn, accuracy = shares_drawn(confusion, window.predicted, np.random.default_rng(0))
    value = accuracy_of_shares(confusion, now)
    # the window's own answers vary beside what its shares do
    reach = Z * math.sqrt(float(accuracy.var()) + value * (1 - value) / m)
    interval_ = interval(value, (max(value - reach, 0.0), min(value + reach, 1.0)))
    return Shares(now, *bounds(drawn), interval_)


def classes_section(
    reference: Reference, window: Window, names: tuple[str, ...], shares: Shares | None
) -> list[dict[str, Any]]:
    """For each class: how often it was predicted and is now, its corrected share, how right its predictions are."""
    confusion, now = reference.confusion, window.predicted
    if not len(confusion) or not now.sum():
        return []
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
        if shares is not None:
            each["share_now"] = interval(float(shares.now[k]), (float(shares.low[k]), float(shares.high[k])))
        found.append(each)
    return found
