"""How well scores tell rows from outside from rows of the domain.

What is to be found ("positive") are the rows from outside, as in Hendrycks, Mazeika & Dietterich, ICLR 2019,
https://arxiv.org/abs/1812.04606; papers that call the domain positive count the other error at 95 %.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError
from headstart.evaluation.conformal_report import share
from headstart.evaluation.intervals import interval
from headstart.evaluation.out_of_domain.p_values import LEVEL, is_out_of_domain, p_values
from headstart.evaluation.proportions import TAIL, clopper_pearson
from headstart.evaluation.ranking import roc_auc, roc_auc_interval

Floats = NDArray[np.float64]
FOUND = 0.95  # share of the rows from outside at which false alarms are counted
TOO_FEW = "19 held-out scores of the domain are the fewest for a p-value of 0.05"


def detection_report(
    in_scores: NDArray[Any], out_scores: NDArray[Any], reference: NDArray[Any] | None = None
) -> dict[str, Any]:
    """Area under the ROC curve, false alarms at 95 % found, and what is flagged at the 5 % level.

    Args:
        in_scores: ``(n,)`` of rows of the domain that the detector did not see; finite, n above 0.
        out_scores: ``(m,)`` of rows from outside; m above 0.
        reference: ``(r,)`` held-out scores that p-values are taken from; None takes ``in_scores``. Rows of the domain
            are flagged at 5 % of themselves by construction then, so "flagged_in" is left out.

    Returns:
        Intervals: ``auroc``; ``fpr_at_95_tpr``, the share of rows of the domain that are called out where 95 % of
        those from outside are; ``flagged``, of the rows from outside those with a p-value of at most 0.05, and
        ``flagged_in``, of those of the domain, both of the threshold as it is. ``n_in``, ``n_out``.

    Raises:
        ShapeError: scores are not ``(n,)``, finite and some.
    """
    inside, outside = _checked(in_scores), _checked(out_scores)
    known = inside if reference is None else _checked(reference)
    is_out = np.append(np.zeros(len(inside), bool), np.ones(len(outside), bool))
    scores = np.append(inside, outside)
    found = {
        "n_in": len(inside),
        "n_out": len(outside),
        "auroc": interval(roc_auc(is_out, scores), roc_auc_interval(is_out, scores)),
        "fpr_at_95_tpr": interval(false_alarms(inside, outside), false_alarms_interval(inside, outside)),
        "flagged": _flagged(known, outside),
    }
    return found if reference is None else {**found, "flagged_in": _flagged(known, inside)}


def false_alarms(inside: Floats, outside: Floats) -> float:
    """Share of ``inside`` ``(n,)`` at or above the highest threshold that finds 95 % of ``outside`` ``(m,)``."""
    rank = int(np.ceil(FOUND * len(outside) - 1e-9))
    return float((inside >= np.sort(outside)[len(outside) - rank]).mean())


def false_alarms_interval(inside: Floats, outside: Floats) -> tuple[float, float]:
    """Exact limits for both things that are uncertain, each given half of the 5 %.

    Where the threshold lies follows from order statistics of ``outside`` ``(m,)`` (the count below it is binomial), the
    share of ``inside`` ``(n,)`` above it from the exact interval of a proportion. Below 86 rows from outside the
    threshold may lie anywhere below them, so the upper limit is 1.
    """
    from scipy.special import bdtr

    m, half = len(outside), TAIL / 2
    ordered = np.concatenate([[-np.inf], np.sort(outside), [np.inf]])
    below = bdtr(np.arange(m + 1), m, 1 - FOUND)  # chance that at most so many lie below the threshold
    lowest = ordered[int(np.argmax(below > half))]
    highest = ordered[int(np.argmax(below >= 1 - half)) + 1]
    counts = np.array([(inside >= highest).sum(), (inside >= lowest).sum()])
    low, high = clopper_pearson(counts, len(inside), half)
    return float(low[0]), float(high[1])


def _flagged(known: Floats, scores: Floats) -> dict[str, Any]:
    found = share(is_out_of_domain(p_values(known, scores)))
    return found if 1 / (len(known) + 1) <= LEVEL else interval(None, None, TOO_FEW)


def _checked(scores: NDArray[Any]) -> Floats:
    values = np.asarray(scores, dtype=np.float64)
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise ShapeError(f"scores must be (n,), finite, n above 0; got shape {values.shape}.")
    return values
