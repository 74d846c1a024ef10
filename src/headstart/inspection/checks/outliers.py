"""Inputs that are like no other input, by the features of the network.

The distance to the k-th nearest neighbour is the score of Ramaswamy, Rastogi & Shim, SIGMOD 2000,
doi:10.1145/342009.335437; the bound is the modified z-score of Iglewicz & Hoaglin 1993, on its logarithm.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from headstart.core.config import Config
from headstart.core.plugins import Plugin
from headstart.core.resources import one_blas_thread
from headstart.core.seeding import generator
from headstart.inspection.checks.feature_geometry import directions
from headstart.inspection.checks.wording import part_of, verb
from headstart.inspection.examined import Examined
from headstart.inspection.finding import Finding, Suspect

BLOCK = 512  # rows compared at a time with all others
SMALLEST = 1e-6  # distance of copies, whose logarithm must be finite


class OutliersConfig(Config):
    """How far is far."""

    neighbour: int = Field(
        5, ge=1, description="Which neighbour counts: a small bunch of equal strays is still found. Default: ours."
    )
    bound: float = Field(
        3.5, gt=0, description="Robust standard deviations of the logarithm of distances. Default: Iglewicz & Hoaglin."
    )
    ratio: float = Field(
        1.5,
        ge=1,
        description="Times the median distance at least: where all are equally far apart, little is far by the "
        "deviation alone. Default: ours.",
    )
    most: float = Field(0.02, gt=0, le=1, description="Share of the inputs that is listed at most, the farthest.")
    compared: int = Field(
        10_000, ge=10, description="Neighbours are looked for among so many inputs drawn, which bounds the time."
    )


class Outliers:
    """Measures every input's distance to the others; nothing to do where no network sees the data."""

    def __init__(self, config: OutliersConfig) -> None:
        self.config = config

    def check(self, examined: Examined) -> list[Finding]:
        """One hint with the inputs that are farthest from all others."""
        features = examined.feature_matrix
        if features is None or len(features) < 4 * self.config.neighbour:
            return []
        rng = generator(examined.seed, "outliers")
        distances = neighbour_distances(directions(features), self.config.neighbour, self.config.compared, rng)
        far, median = self._far(distances)
        if not len(far):
            return []
        ids, n, count = examined.inputs.ids, len(features), len(far)
        return [
            Finding(
                id="outliers",
                severity="hint",
                what=f"{part_of(count, n, 'example')} {verb(count)} unlike all others.",
                action="Look whether they belong to the data, and remove those that came in by mistake.",
                evidence={"outliers": count, "examples": n, "median_distance": median},
                suspects=tuple(
                    Suspect(row, ids[row], f"{distances[row] / median:.1f} times as far from its neighbours as usual")
                    for row in far
                ),
            )
        ]

    def _far(self, distances: NDArray[np.float64]) -> tuple[list[int], float]:
        """Rows that are too far, the farthest first, and the median distance."""
        logs = np.log(np.maximum(distances, SMALLEST))
        centre = float(np.median(logs))
        spread = 1.4826 * float(np.median(np.abs(logs - centre)))  # a normal distribution's standard deviation
        above = np.flatnonzero(logs > centre + max(self.config.bound * spread, np.log(self.config.ratio)))
        ordered = above[np.argsort(-logs[above], kind="stable")]
        return ordered[: max(1, int(self.config.most * len(distances)))].tolist(), float(np.exp(centre))


def neighbour_distances(
    rows: NDArray[np.float32], k: int, compared: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """``(N,)`` cosine distance (0-2) of each row to its k-th nearest other row.

    Args:
        rows: ``(N, D)``, each of length 1.
        k: At most N - 1 counts.
        compared: Neighbours are looked for among so many rows drawn, where there are more.
        rng: Draws them.
    """
    n = len(rows)
    drawn = np.arange(n) if n <= compared else np.sort(rng.choice(n, compared, replace=False))
    place = np.full(n, -1)
    place[drawn] = np.arange(len(drawn))
    others = np.ascontiguousarray(rows[drawn].T)  # (D, M)
    k = min(k, len(drawn) - 1)
    distances = np.empty(n)
    with one_blas_thread():
        for start in range(0, n, BLOCK):
            alike = rows[start : start + BLOCK] @ others  # (B, M)
            own = place[start : start + BLOCK]
            alike[own >= 0, own[own >= 0]] = -2  # no row is its own neighbour
            distances[start : start + BLOCK] = 1 - np.partition(alike, -k, axis=1)[:, -k]
    return np.maximum(distances, 0)


PLUGIN = Plugin(build=Outliers, config=OutliersConfig, paper="doi:10.1145/342009.335437")
