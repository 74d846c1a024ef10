r"""N-LEEP: clusters of the features, found without labels, and how well a row's clusters predict its class.

Li et al., Ranking Neural Checkpoints, CVPR 2021, https://arxiv.org/abs/2011.11200: principal components, a mixture of
Gaussians in place of a classifier of the source's classes, and the score LEEP (Nguyen et al., ICML 2020,
https://arxiv.org/abs/2002.12462) of its components.

The paper tunes the share of variance and the components per class; 0.8 and 5 are what later comparisons took. Ours:
diagonal covariances (a full one has more numbers than a component has rows), a component has 5 rows on average where
that leaves one for each class, and at most 256 principal components are kept, for time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from headstart.core.config import Config
from headstart.core.learning import Targets
from headstart.core.plugins import Plugin
from headstart.core.resources import one_blas_thread
from headstart.evaluation.transferability.contract import CLASSES, checked_features, one_hot, present_classes, varying
from headstart.evaluation.transferability.gaussian_mixture import fit_responsibilities
from headstart.evaluation.transferability.spectrum import principal_coordinates

Floats = NDArray[np.float64]


class NLEEPConfig(Config):
    """Defaults are ours where the paper tunes them."""

    variance_fraction: float = Field(0.8, gt=0, le=1, description="Share of the variance that the components keep.")
    most_dimensions: int = Field(256, ge=1, description="At most this many principal components are kept.")
    components_per_class: int = Field(5, ge=1, description="Gaussians for each class.")
    rows_per_component: int = Field(5, ge=1, description="Fewer Gaussians where a Gaussian would have fewer rows.")
    iterations: int = Field(50, ge=1, description="Most steps of expectation maximisation.")
    tolerance: float = Field(1e-4, gt=0, description="Gain in log density per dimension and row at which it stops.")
    least_variance: float = Field(1e-3, gt=0, description="Least variance of a Gaussian, as a share of the mean one.")


def leep(responsibilities: Floats, classes: NDArray[np.int64]) -> float:
    r"""Mean log probability of the rows' classes, predicted from clusters by their empirical joint distribution.

    .. math:: \tfrac1N \sum_n \log \sum_z P(y_n \mid z)\, p(z \mid x_n), \quad
              P(y, z) = \tfrac1N \sum_{n: y_n = y} p(z \mid x_n)

    Args:
        responsibilities: ``(N, M)`` probabilities :math:`p(z \mid x_n)`; rows sum to 1.
        classes: ``(N,)`` in 0..C-1.

    Returns:
        From the negative entropy of the classes, or a little below, to 0.

    >>> round(leep(np.eye(2)[[0, 0, 1, 1]], np.array([0, 1, 1, 1])), 4)  # (log 1/2 + log 1/2 + 0 + 0) / 4
    -0.3466
    """
    joint = one_hot(classes).T @ responsibilities  # (C, M), N times the joint distribution
    given = joint / np.maximum(joint.sum(axis=0), np.finfo(np.float64).tiny)
    predicted = (responsibilities * given[classes]).sum(axis=1)
    return float(np.log(np.maximum(predicted, np.finfo(np.float64).tiny)).mean())


def leading_components(features: Floats, variance_fraction: float, most: int) -> Floats:
    """``(N, r)`` centred principal coordinates, the fewest that hold the share of the variance, at most ``most``."""
    rows = varying(features)
    if not rows.shape[1]:
        return rows
    coordinates, squares = principal_coordinates(rows - rows.mean(axis=0))
    if not len(squares):  # variances below the smallest float64
        return coordinates
    shares = np.cumsum(squares) / squares.sum()
    enough = int(np.searchsorted(shares, variance_fraction - 1e-12)) + 1  # less what sums lose to rounding
    return coordinates[:, : min(enough, most)]


class NLEEP:
    """:func:`leep` of a mixture of Gaussians on the leading principal components."""

    def __init__(self, config: NLEEPConfig) -> None:
        self.config = config

    def score(self, features: NDArray[Any], targets: Targets, rng: np.random.Generator) -> float:
        """See ``contract.TransferabilityScore``; nats per example, at most 0. ``rng`` draws the mixture's start."""
        rows, classes = checked_features(features, targets, CLASSES), present_classes(targets)
        with one_blas_thread():
            return leep(self.responsibilities(rows, int(classes.max()) + 1, rng), classes)

    def responsibilities(self, features: Floats, classes: int, rng: np.random.Generator) -> Floats:
        """``(N, M)``: the mixture's clusters; one for all rows where these are all the same."""
        config = self.config
        rows = leading_components(features, config.variance_fraction, config.most_dimensions)
        if not rows.shape[1]:
            return np.ones((len(rows), 1))
        rows = rows / np.sqrt(rows.var(axis=0).max())  # units: the mixture's numbers stay near 1
        affordable = max(classes, len(rows) // config.rows_per_component)
        components = min(config.components_per_class * classes, affordable)
        given, _ = fit_responsibilities(
            rows, components, rng, config.iterations, config.tolerance, config.least_variance
        )
        return given


PLUGIN = Plugin(build=NLEEP, config=NLEEPConfig, paper="arXiv:2011.11200", targets=CLASSES)
