"""Ridge regression of sparse features by conjugate gradients, the mean taken out without making them dense."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse.linalg import LinearOperator, cg

from headstart.core.learning import Floats
from headstart.methods.margins import Margins

TOLERANCE = 1e-6  # of the residual, relative
MAX_STEPS = 1000


def sparse_ridge(features: Any, response: Floats, weights: Floats, penalty: float) -> Margins:
    """Minimise half the weighted sum of squares and ``penalty`` / 2 of the squared weights; the intercept is free.

    Args:
        features: ``(N, D)`` sparse or dense.
        response: ``(N,)``.
        weights: ``(N,)``, some above 0.
        penalty: Above 0.
    """
    total = weights.sum()
    middle = np.asarray(features.T @ weights, np.float64) / total
    mean = float(weights @ response / total)
    across = features.T

    def normal(direction: Floats) -> Floats:
        direction = np.ravel(direction)
        along = weights * (features @ direction - middle @ direction)
        products: Floats = across @ along - middle * along.sum() + penalty * direction
        return products

    centred = weights * (response - mean)
    d = features.shape[1]
    weight, _ = cg(
        LinearOperator((d, d), matvec=normal, dtype=np.float64),
        across @ centred - middle * centred.sum(),
        rtol=TOLERANCE,
        maxiter=MAX_STEPS,
    )
    return Margins(weight[None], np.array([mean - middle @ weight]))
