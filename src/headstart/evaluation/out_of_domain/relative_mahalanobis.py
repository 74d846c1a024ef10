r"""Mahalanobis distance from the nearest class, less that from all rows as one cloud.

Ren, Fort, Liu, Roy, Padhy & Lakshminarayanan, A Simple Fix to Mahalanobis Distance for Improving Near-OOD Detection,
2021, https://arxiv.org/abs/2106.09022. What makes a row unusual among all rows, whatever its class, is taken out:
directions that tell no classes apart no longer drown those that do.

Ours: the covariance of all rows is that within the classes (shrunk, ``gaussian.py``) plus that of the class means,
:math:`\Sigma_0 = \Sigma + B`, as it is for covariances that are not shrunk. Shrunk apart from each other the two would
differ in the directions that should cancel, and times a long distance that would be most of a far row's score. So what
a row does outside the plane of the class means (for two classes, off one line) does not count at all.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from headstart.core.config import Config
from headstart.core.errors import ConfigError
from headstart.core.learning import Targets
from headstart.core.plugins import Plugin
from headstart.evaluation.out_of_domain.contract import CLASSES, Arrays, checked, groups_of
from headstart.evaluation.out_of_domain.gaussian import fit_clouds, inner_products, placed, squared_lengths

Floats = NDArray[np.float64]


class RelativeMahalanobisConfig(Config):
    """The default is ours."""

    directions: int = Field(
        64, ge=1, description="Directions of the covariance that are kept; the others are averaged."
    )


def relative_distances(arrays: Arrays, rows: Floats) -> Floats:
    r"""``(n,)`` squared distance from the nearest mean less that from the middle, of either sign, of ``(n, D)`` rows.

    With the means' spread :math:`B = G^\top G` and, under :math:`\Sigma^{-1}`, :math:`G G^\top = Q \beta Q^\top`, the
    distance from the middle is :math:`|x|^2 - \sum_j (q_j^\top G x)^2 / (1 + \beta_j)` (Woodbury); :math:`|x|^2`
    cancels.
    """
    x, means = placed(arrays, rows), np.asarray(arrays["means"], dtype=np.float64)
    to_means = inner_products(arrays, x, means)  # (n, C)
    nearest = (squared_lengths(arrays, means) - 2 * to_means).min(axis=1)
    roots = np.sqrt(arrays["shares"])
    spread, turned = np.linalg.eigh(roots[:, None] * inner_products(arrays, means, means) * roots)
    along = ((to_means * roots) @ turned) ** 2
    return np.asarray(nearest + (along / (1 + np.maximum(spread, 0))).sum(axis=1), dtype=np.float64)


class RelativeMahalanobis:
    """Clouds around class means, and one around the mean of all rows."""

    def __init__(self, config: RelativeMahalanobisConfig) -> None:
        self.config = config

    def fit(self, features: NDArray[Any], targets: Targets | None = None) -> dict[str, Any]:
        """See ``contract.Detector``; the arrays are those of ``gaussian.fit_clouds``."""
        if targets is None or targets.kind not in CLASSES:
            got = "no targets" if targets is None else targets.kind
            raise ConfigError(f"the relative distance needs classes; got {got}. Take mahalanobis.")
        rows = checked(features, targets=targets)
        return fit_clouds(rows, groups_of(targets, len(rows)), self.config.directions)

    def score(self, arrays: Arrays, features: NDArray[Any]) -> Floats:
        """See ``contract.Detector``; a difference of squared distances, of either sign."""
        return relative_distances(arrays, checked(features, len(arrays["middle"])))


PLUGIN = Plugin(build=RelativeMahalanobis, config=RelativeMahalanobisConfig, paper="arXiv:2106.09022", targets=CLASSES)
