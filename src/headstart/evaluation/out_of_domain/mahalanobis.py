"""Mahalanobis distance from the nearest class mean, all classes sharing one covariance.

Lee, Lee, Lee & Shin, NeurIPS 2018, https://arxiv.org/abs/1807.03888, on the features alone: without their noise on the
inputs and without layers weighted by examples from outside. The covariance is shrunk and of low rank (``gaussian.py``).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from headstart.core.config import Config
from headstart.core.learning import Targets
from headstart.core.plugins import Plugin
from headstart.evaluation.out_of_domain.contract import ALL_KINDS, Arrays, checked, groups_of
from headstart.evaluation.out_of_domain.gaussian import fit_clouds, squared_distances

Floats = NDArray[np.float64]


class MahalanobisConfig(Config):
    """The default is ours."""

    directions: int = Field(
        64, ge=1, description="Directions of the covariance that are kept; the others are averaged."
    )


class Mahalanobis:
    """Clouds around the means of classes; around one mean where the targets are no classes."""

    def __init__(self, config: MahalanobisConfig) -> None:
        self.config = config

    def fit(self, features: NDArray[Any], targets: Targets | None = None) -> dict[str, Any]:
        """See ``contract.Detector``; the arrays are those of ``gaussian.fit_clouds``."""
        rows = checked(features, targets=targets)
        return fit_clouds(rows, groups_of(targets, len(rows)), self.config.directions)

    def score(self, arrays: Arrays, features: NDArray[Any]) -> Floats:
        """See ``contract.Detector``; the squared distance, 0 or more."""
        rows = checked(features, len(arrays["middle"]))
        return np.asarray(squared_distances(arrays, rows).min(axis=1), dtype=np.float64)


PLUGIN = Plugin(build=Mahalanobis, config=MahalanobisConfig, paper="arXiv:1807.03888", targets=ALL_KINDS)
