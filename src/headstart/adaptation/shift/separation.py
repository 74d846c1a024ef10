"""How well two domains can be told apart: a classifier of domains, judged on rows that it did not see.

The area under its ROC curve is 0.5 where the domains are one (Lopez-Paz & Oquab, ICLR 2017, arXiv:1610.06545:
classifier two-sample tests). Rows of the source may weigh, so that both domains have the same shares of classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from headstart.core.learning import Floats, Ints, Targets
from headstart.core.resources import one_blas_thread
from headstart.evaluation.parting import parted
from headstart.evaluation.ranking import roc_auc, roc_auc_interval

FOLDS = 5
PENALTY = 0.1  # per feature
DIMENSIONS = 100  # of counts of words
MOST = 5000  # rows of a domain that are looked at
DRAWS = 200


@dataclass(frozen=True)
class Separation:
    """Two domains told apart.

    Attributes:
        auc: Area under the curve, 0 to 1.
        low, high: Its 95 % interval.
        source, target: ``(n,)`` and ``(m,)`` log odds of being of the target domain, of rows held out.
    """

    auc: float
    low: float
    high: float
    source: Floats
    target: Floats

    @property
    def is_told_apart(self) -> bool:
        """Whether chance does not do as well."""
        return self.low > 0.5


def dense(source: Any, target: Any) -> tuple[Floats, Floats]:
    """Features as arrays without gaps: counts of words along their main directions, gaps by the source's medians."""
    if issparse(source) or issparse(target):
        from scipy.sparse import vstack
        from sklearn.decomposition import TruncatedSVD

        both = vstack([source, target], format="csr")
        count = min(DIMENSIONS, min(both.shape) - 1)
        along = TruncatedSVD(count, random_state=0).fit_transform(both)
        return along[: source.shape[0]], along[source.shape[0] :]
    ours, theirs = (np.array(each, np.float64) for each in (source, target))
    finite = np.where(np.isfinite(ours), ours, np.nan)
    if not np.isfinite(ours).all() or not np.isfinite(theirs).all():
        known = np.isfinite(finite).any(axis=0)
        middle = np.zeros(ours.shape[1])
        middle[known] = np.nanmedian(finite[:, known], axis=0)
        for each in (ours, theirs):
            gaps = ~np.isfinite(each)
            each[gaps] = np.broadcast_to(middle, each.shape)[gaps]
    return ours, theirs


def can_judge(groups: Ints) -> bool:
    """Whether each fold has rows of the source ``(n,)``: of one group, say, all are held out at once, and what the
    classifier takes for the source is then no row at all.
    """
    return len(np.unique(groups)) >= FOLDS


def told_apart(
    source: Floats, target: Floats, groups: Ints, weights: Floats | None, rng: np.random.Generator
) -> Separation:
    """Cross-fitted classifier of domains.

    Args:
        source: ``(n, D)``, finite.
        target: ``(m, D)``, finite.
        groups: ``(n,)`` rows of the source that are held out together.
        weights: ``(n,)`` of the source rows; None: 1 each.
        rng: Decides the folds and draws.
    """
    from headstart.methods.fixed_penalty import out_of_fold_at_penalty

    n, m = len(source), len(target)
    features = np.concatenate([source, target]).astype(np.float32)
    domain = np.concatenate([np.zeros(n, np.int64), np.ones(m, np.int64)])
    together = np.concatenate([groups, groups.max(initial=0) + 1 + np.arange(m)])
    folds = parted(domain, together, FOLDS, rng)
    ours = np.ones(n) if weights is None else np.asarray(weights, np.float64) * n / max(float(np.sum(weights)), 1e-12)
    row_weights = np.concatenate([ours * 0.5 / n, np.full(m, 0.5 / m)]) * (n + m)
    with one_blas_thread():
        outputs = out_of_fold_at_penalty(
            features, Targets(domain, "class", 2), folds, row_weights, PENALTY * features.shape[1], 0.1, 1e-4
        )
    odds = outputs[:, 1] - outputs[:, 0]
    if weights is None:
        auc, (low, high) = roc_auc(domain == 1, odds), roc_auc_interval(domain == 1, odds)
    else:
        auc, low, high = _weighted_auc(odds[:n], odds[n:], ours, rng)
    return Separation(auc, low, high, odds[:n], odds[n:])


def _weighted_auc(
    source: Floats, target: Floats, weights: Floats, rng: np.random.Generator
) -> tuple[float, float, float]:
    """With its bootstrap interval."""
    value = weighted_auc(source, target, weights)
    drawn = []
    for _ in range(DRAWS):
        ours, theirs = rng.integers(0, len(source), len(source)), rng.integers(0, len(target), len(target))
        drawn.append(weighted_auc(source[ours], target[theirs], weights[ours]))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return value, float(low), float(high)


def weighted_auc(source: Floats, target: Floats, weights: Floats) -> float:
    """Chance that a row of ``target`` ``(m,)`` scores above one of ``source`` ``(n,)``, drawn by weight; ties half.

    >>> weighted_auc(np.array([0.0, 2.0]), np.array([1.0]), np.array([3.0, 1.0]))
    0.75
    """
    order = np.argsort(source, kind="stable")
    ranked, total = source[order], np.concatenate([[0.0], np.cumsum(weights[order])])
    below, upto = total[np.searchsorted(ranked, target, "left")], total[np.searchsorted(ranked, target, "right")]
    return float(((below + upto) / 2).mean() / max(total[-1], 1e-12))


def some(n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """At most MOST rows, in order."""
    return np.sort(rng.permutation(n)[:MOST])
