"""What a linear model gains by learning from all rows, once it is chosen.

Folds judge models of four rows in five, and what ships learns from all of them; a trained network is not trained again.
Between the two that is a difference which no held-out row shows. It is estimated from one size more: over a few
doublings the loss of a model falls about as 1/n, so a model of fewer rows tells by how much it falls from the folds' n
to all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import issparse

from headstart.core.resources import one_blas_thread
from headstart.core.seeding import generator
from headstart.features.sources import joined
from headstart.methods.learning_curve import learning_curve

if TYPE_CHECKING:
    from headstart.core.learning import Floats
    from headstart.evidence.contender import Contender
    from headstart.solving.candidates import Candidate
    from headstart.solving.solve import Learning

FEWER = 0.8  # of the folds' rows: near enough for 1/n, far enough to measure
LEAST_FOLDS = 2


def refit_gain(learning: Learning, candidate: Candidate, contender: Contender) -> float:
    """Mean loss, 0 or more, by which the model of all rows is estimated to be below those of the folds.

    0 for what is no linear model of dense features, and where nothing was held out.
    """
    penalty, folds = contender.report.get("penalty"), learning.folds
    outside = [int((folds != fold).sum()) for fold in np.unique(folds[folds >= 0])]
    if penalty is None or len(outside) < LEAST_FOLDS:
        return 0.0
    features = joined(candidate.sources, learning.train)
    if features is None or issparse(features):
        return 0.0
    size = round(float(np.mean(outside)))
    with one_blas_thread():
        (fewer,) = learning_curve(
            np.asarray(features), learning.targets, folds, [max(int(FEWER * size), 1)], float(penalty),
            generator(learning.seed, "refit_gain"), learning.weights, of_folds=contender.solution.of_folds,
        )  # fmt: skip
    of_fewer, of_folds = (_loss(learning, each) for each in (fewer.out_of_fold, contender.solution.out_of_fold))
    return gain_of(of_fewer, of_folds, fewer.n, size, len(folds))


def gain_of(loss_of_fewer: float, loss_of_folds: float, fewer: int, folds: int, everything: int) -> float:
    """By how much a loss that falls as a + b/n falls from ``folds`` rows to ``everything``, 0 or more.

    >>> round(gain_of(1.25, 1.0, 64, 80, 100), 6)  # b = 80: 0.2 below
    0.2
    """
    slope = (loss_of_fewer - loss_of_folds) / (1 / fewer - 1 / folds)
    return max(slope * (1 / folds - 1 / everything), 0.0)


def _loss(learning: Learning, outputs: Floats) -> float:
    known = np.asarray(np.isfinite(outputs).all(axis=1))
    return float(learning.task.loss(learning.targets.take(known), outputs[known]).mean())
