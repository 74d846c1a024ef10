"""Distance to the k-th nearest row of the training data, features scaled to length 1.

Sun, Ming, Zhu & Li, Out-of-Distribution Detection with Deep Nearest Neighbors, ICML 2022,
https://arxiv.org/abs/2204.06507. Its arrays are the training rows' features themselves ("examples" in ``needs``), which
say much about the inputs.
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
from headstart.evaluation.out_of_domain.contract import ALL_KINDS, Arrays, checked

Floats = NDArray[np.float64]
BLOCK = 1 << 22  # distances looked at together, so that memory stays small


class NearestConfig(Config):
    """The default is ours: the paper takes 50 of 50,000 rows, and where rows are few the fifth is near enough."""

    neighbours: int = Field(5, ge=1, description="k: the distance to the k-th nearest row counts; at most all rows.")


class Nearest:
    """The training rows, as they are."""

    def __init__(self, config: NearestConfig) -> None:
        self.config = config

    def fit(self, features: NDArray[Any], targets: Targets | None = None) -> dict[str, Any]:
        """See ``contract.Detector``; ``rows`` ``(N, D)`` float32 of length 1 or 0. The targets are not looked at."""
        return {"rows": _of_length_one(checked(features, targets=targets)).astype(np.float32)}

    def score(self, arrays: Arrays, features: NDArray[Any]) -> Floats:
        """See ``contract.Detector``; 0 to 2."""
        known = np.asarray(arrays["rows"], dtype=np.float64)
        rows = _of_length_one(checked(features, known.shape[1]))
        k, step = min(self.config.neighbours, len(known)), max(BLOCK // len(known), 1)
        found = np.empty(len(rows))
        squares = (known**2).sum(axis=1)
        with one_blas_thread():
            for start in range(0, len(rows), step):
                part = rows[start : start + step]
                apart = (part**2).sum(axis=1)[:, None] + squares - 2 * part @ known.T
                found[start : start + step] = np.partition(apart, k - 1, axis=1)[:, k - 1]
        return np.sqrt(np.maximum(found, 0))


def _of_length_one(rows: Floats) -> Floats:
    """Rows divided by their length; a row of zeros stays one."""
    largest = np.abs(rows).max(axis=1, keepdims=True)
    scaled = rows / np.where(largest > 0, largest, 1)  # so that squares neither overflow nor vanish
    length = np.sqrt((scaled**2).sum(axis=1, keepdims=True))
    return np.asarray(scaled / np.where(length > 0, length, 1), dtype=np.float64)


PLUGIN = Plugin(
    build=Nearest,
    config=NearestConfig,
    paper="arXiv:2204.06507",
    needs=frozenset({"examples"}),
    targets=ALL_KINDS,
)
