"""What the examples learned from look like, so that an input of another kind can be told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from headstart.core.learning import Targets
from headstart.evaluation.out_of_domain.p_values import LEVEL, cross_scored
from headstart.postprocessing.postprocessing import DOMAIN, REFERENCE, detector

DETECTOR = "mahalanobis"  # it holds no features of single examples
FEWEST = 40  # held-out rows: twice what a p-value of 0.05 needs
WIDEST = 4096  # features


def learned_domain(
    features: Any, targets: Targets, groups: NDArray[Any], unseen: NDArray[Any] | None, rng: np.random.Generator
) -> tuple[dict[str, NDArray[Any]], Mapping[str, Any]]:
    """Arrays of the detector with the strangeness of held-out rows, and facts; no arrays where it cannot be.

    Args:
        features: ``(N, D)`` of the training part.
        targets: Of the N rows.
        groups: ``(N,)``: rows of one group are held out together.
        unseen: ``(N,)`` flags of the rows that what gives the features did not learn from; None: it learned from none
            of them, so that each row is held out in turn.
        rng: Decides the folds.
    """
    rows = int(len(targets) if unseen is None else np.count_nonzero(unseen))
    if why := _why_not(features, rows, groups):
        return {}, {"why_not": why}
    judge = detector(DETECTOR)
    if unseen is None:
        reference = cross_scored(judge, features, targets, groups, rng)
        arrays = judge.fit(features, targets)
    else:
        arrays = judge.fit(features[~unseen], targets.take(~unseen))
        reference = judge.score(arrays, features[unseen])
    found = {**arrays, REFERENCE: np.sort(reference)}
    return {DOMAIN + name: array for name, array in found.items()}, {
        "measure": DETECTOR,
        "rows": rows,
        "false_alarms": LEVEL,
    }


def _why_not(features: Any, rows: int, groups: NDArray[Any]) -> str:
    if issparse(features):
        return "the features are sparse counts of words"
    if not np.isfinite(features).all():
        return "some features are missing"
    if features.shape[1] > WIDEST:
        return f"{features.shape[1]} features are more than the {WIDEST} that are looked at"
    if rows < FEWEST or len(np.unique(groups)) < 2:
        return f"{rows} held-out examples are too few; {FEWEST} are needed"
    return ""
