r"""Decisions that come in examples: several labels of one example are right or wrong together.

A proportion of such decisions has the variance of independent ones times a design effect (Kish 1965), which is
estimated from how the errors gather in examples, and the exact interval at the effective sample size (Korn & Graubard,
Survey Methodology 1998). F1 is a monotone function of one proportion, hits among the examples that have the label or
were given it: ``F1 = 2 J / (1 + J)``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.evaluation.jackknife import standard_error, t_interval
from headstart.evaluation.macro_average import PRIOR, at_effective_size
from headstart.evaluation.multilabel import check_flags, label_counts
from headstart.evaluation.proportions import clopper_pearson

Floats = NDArray[np.float64]


def share_interval(successes: NDArray[Any], trials: NDArray[Any]) -> tuple[float, float] | None:
    """Interval of ``sum(successes) / sum(trials)``, ``(N,)`` counts by example; None without any trial."""
    s, m = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    total, used = m.sum(), int((m > 0).sum())
    if total == 0:
        return None
    share = s.sum() / total
    alone = share * (1 - share) / total
    if alone == 0:  # nothing was seen to gather: as if each example were one decision
        size = float(used)
    else:
        together = float(((s - share * m) ** 2).sum()) / total**2
        size = float(total * alone / max(together, alone))  # 2 or more, as where all err in one example of two
    low, high = clopper_pearson(share * size, size)
    return float(low), float(high)


def f1_of_share(share: Any) -> Any:
    """F1 from hits among all that have the label or were given it."""
    return 2 * share / (1 + share)


def label_f1_interval(hits: int, union: int) -> tuple[float, float]:
    """F1 of one label: given the union, hits are binomial, so the interval is exact."""
    low, high = clopper_pearson(hits, union)
    return float(f1_of_share(low)), float(f1_of_share(high))


def macro_f1_interval(truth: NDArray[Any], given: NDArray[Any]) -> tuple[float, float] | None:
    """Mean F1 over the labels that have examples; ``(N, L)`` flags; None where no label has.

    Each label's share of hits is shrunk towards the pooled one by pseudo-examples, since a label seen twice tells
    nothing about its own variance.
    """
    t, g = check_flags(truth, given)
    counts = label_counts(t, g)
    here = counts.is_present
    if not here.any():
        return None
    hits, union = counts.hits[here], counts.union[here]
    pooled = (hits.sum() + 0.5) / (union.sum() + 1)
    share = (hits + PRIOR * pooled) / (union + PRIOR)
    slope = 2 / (1 + share) ** 2
    labels = int(here.sum())
    variance = float((slope**2 * share * (1 - share) / union).sum()) / labels**2
    variance *= _design_effect(t[:, here], g[:, here])
    value, smoothed = float(counts.f1[here].mean()), float(f1_of_share(share).mean())
    return at_effective_size(value, smoothed, variance, float(max(len(t), union.sum())))


def macro_f1_difference(
    truth: NDArray[Any], first: NDArray[Any], second: NDArray[Any]
) -> tuple[float | None, tuple[float, float] | None]:
    """Macro-F1 of ``first`` minus that of ``second`` on the same examples, and its interval from the jackknife.

    All are ``(N, L)`` flags. The value is None where no label has an example, the interval also where no example tells
    the two apart.

    Raises:
        ShapeError: they are not of one shape, or there is no example.
    """
    t, a = check_flags(truth, first)
    _, b = check_flags(truth, second)
    here = t.any(axis=0)
    if not here.any():
        return None, None
    flags = [each[:, here].astype(np.uint8) for each in (t, a, b)]
    columns = np.concatenate([part for each in flags[1:] for part in (flags[0] * each, flags[0] + each)], axis=1)

    def of_means(means: Floats) -> Floats:
        hits_a, size_a, hits_b, size_b = np.split(means, 4, axis=-1)
        gaps = hits_a / np.maximum(size_a, 1e-300) - hits_b / np.maximum(size_b, 1e-300)
        return np.asarray(2 * gaps.mean(axis=-1))

    value = float(of_means(columns.mean(axis=0)))
    return value, t_interval(value, standard_error(columns, of_means), len(columns))


def _design_effect(t: NDArray[np.bool_], g: NDArray[np.bool_]) -> float:
    """Variance of macro-F1 over that of labels that err independently; 1 or more."""
    size = np.maximum(t.sum(axis=0) + g.sum(axis=0), 1)
    f1 = 2 * (t & g).sum(axis=0) / size
    moved = (2.0 * (t & g) - f1 * (t.astype(float) + g)) / size  # (N, L): what each example moves each label's F1 by
    apart = float((moved**2).sum())
    together = float((moved.sum(axis=1) ** 2).sum())
    return max(1.0, together / apart) if apart > 0 else 1.0
