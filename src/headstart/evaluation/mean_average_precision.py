r"""Average precision of each label's ranking of the examples, averaged over labels, and its interval.

Each label's average precision is taken as a proportion with as many trials as the label has examples (Boyd, Eng & Page,
ECML 2013; ``evaluation.macro_average`` for their mean). Two things that a mean over many labels shows more than one
label are added:

- Mistakes gather in hard examples: limits move out by the root of the design effect (Kish 1965) of what each example
  adds to the labels it has.
- Average precision of few examples is too high by chance. By how much is seen by halving: with a bias of c / P for P
  examples, half of them have twice that (Quenouille, JRSS B 1949). The lower limit moves down by it.

Where labels have fewer than about ten examples each and the ranking is poor, it still covers too little, 0.65 at worst
(benchmarks/target_intervals.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.evaluation.macro_average import mean_of_proportions
from headstart.evaluation.multilabel import average_precisions
from headstart.evaluation.ranking import average_precision

Flags = NDArray[np.bool_]
MANY = 200  # examples of a label from which on its bias is below its rounding in a report
HALVINGS = 4  # ways of cutting each label's examples in two


def mean_average_precision(truth: NDArray[Any], scores: NDArray[Any]) -> float | None:
    """Over the labels with positives and negatives, 0-1; None where there is none. Both are ``(N, L)``."""
    values, _ = average_precisions(truth, scores)
    return float(values.mean()) if len(values) else None


def mean_average_precision_interval(
    truth: NDArray[Any], scores: NDArray[Any], rng: np.random.Generator
) -> tuple[float, float] | None:
    """``(low, high)``; None where :func:`mean_average_precision` is.

    Args:
        truth: ``(N, L)`` flags.
        scores: ``(N, L)``, higher means positive.
        rng: Cuts examples in halves.
    """
    t, s = np.asarray(truth) > 0, np.asarray(scores, dtype=np.float64)
    values, positives = average_precisions(t, s)
    if not len(values):
        return None
    value = float(values.mean())
    low, high = mean_of_proportions(values * positives, positives)
    stretch = np.sqrt(_design_effect(t, s))
    low, high = value - stretch * (value - low) - _bias(t, s, rng), value + stretch * (high - value)
    return max(0.0, float(low)), min(1.0, float(high))


def _design_effect(t: Flags, s: NDArray[np.float64]) -> float:
    """Variance of what examples add to the labels they have, over that of labels that err independently; >= 1."""
    apart = 0.0
    together = np.zeros(len(t))
    for label in np.flatnonzero(t.any(axis=0) & ~t.all(axis=0)):
        is_positive = t[:, label]
        order = np.argsort(-s[:, label], kind="stable")
        precision = np.empty(len(t))
        precision[order] = np.cumsum(is_positive[order]) / np.arange(1, len(t) + 1)
        moved = np.where(is_positive, precision - precision[is_positive].mean(), 0.0) / is_positive.sum()
        together += moved
        apart += float((moved**2).sum())
    return max(1.0, float((together**2).sum()) / apart) if apart > 0 else 1.0


def _bias(t: Flags, s: NDArray[np.float64], rng: np.random.Generator) -> float:
    """Mean over labels with two examples or more; 0 at least. Labels with many examples have none worth the time."""
    found = [_bias_of_one(t[:, label], s[:, label], rng) for label in range(t.shape[1])]
    known = [bias for bias in found if bias is not None]
    return max(0.0, float(np.mean(known))) if known else 0.0


def _bias_of_one(is_positive: Flags, scores: NDArray[np.float64], rng: np.random.Generator) -> float | None:
    positive, negative = np.flatnonzero(is_positive), np.flatnonzero(~is_positive)
    if len(positive) > MANY:
        return 0.0
    half = len(positive) // 2
    rest = round(len(negative) * half / max(len(positive), 1))
    if half < 1 or rest < 1:
        return None
    halves = []
    for _ in range(HALVINGS):
        p, n = rng.permutation(positive), rng.permutation(negative)
        for rows in (np.concatenate([p[:half], n[:rest]]), np.concatenate([p[-half:], n[-rest:]])):
            halves.append(average_precision(is_positive[rows], scores[rows]))
    share = half / len(positive)
    return float(np.mean(halves) - average_precision(is_positive, scores)) * share / (1 - share)
