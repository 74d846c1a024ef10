"""Whether target rows of one answer lie together and apart from the others, by the features alone.

Silhouettes (Rousseeuw, Journal of Computational and Applied Mathematics 20, 1987) with the cosine distance, of which
the mean to all rows of a class needs only the mean of those rows: no pair is compared.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import issparse

from headstart.adaptation.contract import View
from headstart.core.config import Config
from headstart.core.learning import Floats, Ints
from headstart.core.plugins import Plugin


class Silhouette:
    """Of the predicted classes among the target rows."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def estimate(self, view: View, rng: np.random.Generator) -> float:
        """Between -1 and 1; NaN where one class is predicted."""
        labels = view.predicted[view.space.rows]
        if (labels == labels[0]).all():
            return float("nan")
        return float(silhouettes(view.space.points, labels).mean())


def silhouettes(points: Any, labels: Ints) -> Floats:
    """``(m,)`` of rows of length 1 ``(m, D)``, an array or sparse, in two classes or more; 0 for a class of one row.

    >>> silhouettes(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), np.array([0, 0, 1])).tolist()
    [1.0, 1.0, 0.0]
    """
    _, own = np.unique(labels, return_inverse=True)
    member = (own[:, None] == np.arange(own.max() + 1)).astype(np.float32)  # (m, C)
    count = member.sum(axis=0)
    near = np.asarray(points @ (points.T @ member), np.float64)  # (m, C) sums of cosines
    every = np.arange(len(own))
    itself = np.asarray((points.multiply(points) if issparse(points) else points * points).sum(axis=1)).ravel()
    inside = 1 - (near[every, own] - itself) / np.maximum(count[own] - 1, 1)
    apart = 1 - near / count
    apart[every, own] = np.inf
    outside = apart.min(axis=1)
    larger = np.maximum(np.maximum(inside, outside), 1e-12)
    return np.where(count[own] > 1, (outside - inside) / larger, 0.0)


PLUGIN = Plugin(
    build=Silhouette, kind="score", paper="doi:10.1016/0377-0427(87)90125-7", title="Silhouette of the answers"
)
