r"""H-score, regularised: how much of the features' variance lies between classes, in units of all of it.

Bao et al., An Information-Theoretic Approach to Transferability, ICIP 2019, https://arxiv.org/abs/2212.10082, in the
form of Ibrahim, Ponomareva & Mazumder, Newer is not always better, https://arxiv.org/abs/2110.06893:

.. math:: H_\alpha = \operatorname{tr}\left(\Sigma_\alpha^{-1} (1 - \alpha)\, \Sigma_B\right), \quad
          \Sigma_\alpha = (1 - \alpha)\, \Sigma + \alpha \tfrac{\operatorname{tr} \Sigma}{D} I

with the shrinkage :math:`\alpha` of Ledoit & Wolf (J. Multivariate Analysis 2004). The plain H-score inverts the sample
covariance, which with few rows per dimension holds noise in its small eigenvalues and with N <= D is singular: any
labels then get the largest score. This one is the regularised form for that reason. Ours: both covariances divide by N
(the authors' code divides :math:`\Sigma_B` by N - 1), and dimensions in which nothing varies do not count.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.config import Config
from headstart.core.learning import Targets
from headstart.core.plugins import Plugin
from headstart.core.resources import one_blas_thread
from headstart.evaluation.transferability.contract import (
    CLASSES,
    checked_features,
    class_means,
    present_classes,
    varying,
)
from headstart.evaluation.transferability.spectrum import principal_coordinates

Floats = NDArray[np.float64]


class HScoreConfig(Config):
    """Nothing to set: the shrinkage follows from the data."""


def regularized_h_score(features: Floats, classes: NDArray[np.int64]) -> float:
    """``tr(cov_alpha^-1 (1 - alpha) cov_between)``; see the file's formula.

    In principal coordinates the covariance is diagonal, and so is the shrunk one: no matrix is inverted.

    Args:
        features: ``(N, D)`` float64.
        classes: ``(N,)`` in 0..C-1, each with an example.

    Returns:
        From 0 (class means agree, or nothing varies) to ``min(C - 1, D)``. The same for rotated, shifted and rescaled
        features.

    >>> round(regularized_h_score(np.array([[-3.0], [-1.0], [1.0], [3.0]]), np.array([0, 0, 1, 1])), 4)  # 4 / 5
    0.8
    """
    rows = varying(features)
    coordinates, squares = principal_coordinates(rows - rows.mean(axis=0)) if rows.size else (rows, np.zeros(0))
    if not len(squares):
        return 0.0
    variances, d = squares / len(rows), rows.shape[1]
    alpha = ledoit_wolf_shrinkage(coordinates, variances, d)
    shrunk = (1 - alpha) * variances + alpha * variances.sum() / d
    shares = np.bincount(classes) / len(classes)
    between = shares @ class_means(coordinates, classes) ** 2  # (r,): the diagonal of the covariance of class means
    return float(((1 - alpha) * between / shrunk).sum())


def ledoit_wolf_shrinkage(coordinates: Floats, variances: Floats, d: int) -> float:
    """The share 0-1 that the mean variance gets in place of the sample covariance.

    The mean over rows of ``||x x' - S||^2 / N``, at most and divided by ``||S - m I||^2`` (Frobenius norms, m the mean
    of S's diagonal).

    Args:
        coordinates: ``(N, r)`` centred, with a diagonal covariance S.
        variances: ``(r,)`` that diagonal; the other ``d - r`` are 0.
        d: Dimensions.
    """
    lengths = (coordinates**2).sum(axis=1)
    return shrinkage_of(lengths, float((variances**2).sum()), float(variances.sum()), d)


def shrinkage_of(lengths: Floats, square: float, trace: float, d: int) -> float:
    """The same from sums, where no decomposition is at hand.

    Args:
        lengths: ``(N,)`` squared lengths of the centred rows.
        square: Squared Frobenius norm of their covariance S.
        trace: Of S.
        d: Dimensions.
    """
    from_identity = square - trace**2 / d
    noise = (float((lengths**2).mean()) - square) / len(lengths)
    return min(max(noise, 0.0), from_identity) / from_identity if from_identity > 0 else 0.0


class HScore:
    """:func:`regularized_h_score` of the classes that have examples."""

    def __init__(self, config: HScoreConfig) -> None:
        pass

    def score(self, features: NDArray[Any], targets: Targets, rng: np.random.Generator) -> float:
        """See ``contract.TransferabilityScore``; 0 to C - 1. No chance is involved."""
        rows = checked_features(features, targets, CLASSES)
        with one_blas_thread():
            return regularized_h_score(rows, present_classes(targets))


PLUGIN = Plugin(build=HScore, config=HScoreConfig, paper="arXiv:2110.06893", targets=CLASSES)
