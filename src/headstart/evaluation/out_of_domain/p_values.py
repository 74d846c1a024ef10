"""From a score to a promise: of rows of the domain at most 5 in 100 are called out of it.

The conformal p-value (Vovk et al. 2005; of outliers Bates, Candès, Lei, Romano & Sesia, Annals of Statistics 2023,
https://arxiv.org/abs/2104.08279): the share of held-out rows, the new one counted among them, that are as far out or
farther. If the new row is of the domain, a p-value of at most 0.05 comes in at most 5 of 100 cases, over draws of the
held-out rows too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError
from headstart.core.learning import Targets
from headstart.evaluation.out_of_domain.contract import Detector
from headstart.evaluation.parting import parted, strata_of

Floats = NDArray[np.float64]
LEVEL = 0.05  # a p-value of at most this is called out of domain
FOLDS = 5


def p_values(reference: NDArray[Any], scores: NDArray[Any]) -> Floats:
    """``(n,)`` p-values in ``1 / (m + 1)`` to 1.

    Args:
        reference: ``(m,)`` scores of rows of the domain that the detector did not see; finite. Below 19 rows no p-value
            reaches 0.05.
        scores: ``(n,)`` of new rows.

    >>> p_values(np.array([1.0, 2.0, 3.0]), np.array([2.0, 9.0])).tolist()
    [0.75, 0.25]
    """
    known, new = np.asarray(reference, dtype=np.float64), np.asarray(scores, dtype=np.float64)
    if known.ndim != 1 or new.ndim != 1 or not (np.isfinite(known).all() and np.isfinite(new).all()):
        raise ShapeError(f"scores must be (N,) and finite; got shapes {known.shape} and {new.shape}.")
    as_far = len(known) - np.searchsorted(np.sort(known), new, side="left")
    return np.asarray((1 + as_far) / (1 + len(known)), dtype=np.float64)


def is_out_of_domain(p: NDArray[Any], level: float = LEVEL) -> NDArray[np.bool_]:
    """``(n,)``: which p-values are at most ``level``."""
    return np.asarray(np.asarray(p) <= level + 1e-12)


def cross_scored(
    detector: Detector,
    features: NDArray[Any],
    targets: Targets | None,
    groups: NDArray[Any] | None,
    rng: np.random.Generator,
) -> Floats:
    """``(N,)`` scores of the domain's own rows, each from a detector that was learned without it.

    A detector that is then learned on all rows has seen a quarter more: it finds rows of the domain a little nearer, so
    fewer than 5 in 100 are called out of it.

    Args:
        detector: Any of this room.
        features: ``(N, D)``, N of at least 2.
        targets: Of the N rows, or None.
        groups: ``(N,)`` rows with equal values are left out together; fold numbers may stand here. None, also in an
            object array, is a row alone.
        rng: Decides the folds where the groups leave a choice.

    Raises:
        ShapeError: shapes do not fit together, or all rows are in one group.
    """
    rows = np.asarray(features)
    strata = strata_of(targets) if targets is not None else np.zeros(len(rows), np.int64)
    if len(strata) != len(rows) or (groups is not None and len(groups) != len(rows)):
        raise ShapeError(f"{len(rows)} rows of features need as many targets and groups. Take the same rows of all.")
    folds = parted(strata, groups, FOLDS, rng) if len(rows) else strata
    found = np.empty(len(rows))
    if not len(rows) or folds.max() < 1:
        raise ShapeError(f"scores of rows not seen need two groups of rows; got {len(rows)} rows in one.")
    for fold in np.unique(folds):
        held = folds == fold
        arrays = detector.fit(rows[~held], targets.take(~held) if targets is not None else None)
        found[held] = detector.score(arrays, rows[held])
    return found
