"""k nearest neighbours by cosine, votes weighted by similarity, k and the temperature chosen on folds.

Cover & Hart, IEEE Transactions on Information Theory 13, 1967, doi:10.1109/TIT.1967.1053964; the votes
``exp(cosine / temperature)`` are those of Wu et al., CVPR 2018, arXiv:1805.01978.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from headstart.core.config import Config
from headstart.core.errors import ShapeError
from headstart.core.learning import Fitted, Floats, Ints, Solution, Targets
from headstart.core.plugins import Plugin
from headstart.core.resources import one_blas_thread
from headstart.methods.inputs import check_inputs

BLOCK_VALUES = 1 << 22  # similarities held at a time


class KNNConfig(Config):
    """What is tried; the lowest out-of-fold log-loss wins."""

    neighbours: tuple[int, ...] = Field((1, 3, 5, 10, 20, 50), min_length=1, description="Values of k that are tried.")
    temperatures: tuple[float, ...] = Field(
        (0.02, 0.05, 0.1), min_length=1, description="Cosine differences that make a vote e times as heavy."
    )
    prior: float = Field(0.1, gt=0, description="Votes, in those of the nearest row, spread by the classes' shares.")


def unit_rows(features: Floats) -> Floats:
    """Rows scaled to length 1 in float32; a row of zeros stays one."""
    rows = features.astype(np.float32)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(length > 0, length, 1)


def nearest(queries: Floats, rows: Floats, count: int) -> tuple[Ints, Floats]:
    """Indices and cosines ``(Q, count)`` of the nearest ``rows``, nearest first; both inputs of length 1."""
    indices = np.empty((len(queries), count), np.int64)
    cosines = np.empty((len(queries), count), np.float32)
    block = max(1, BLOCK_VALUES // len(rows))
    for start in range(0, len(queries), block):
        similar = queries[start : start + block] @ rows.T
        some = np.argpartition(-similar, count - 1, axis=1)[:, :count]
        some.sort(axis=1)  # equal cosines in the order of the rows
        found = np.take_along_axis(similar, some, axis=1)
        order = np.argsort(-found, axis=1, kind="stable")
        indices[start : start + block] = np.take_along_axis(some, order, axis=1)
        cosines[start : start + block] = np.take_along_axis(found, order, axis=1)
    return indices, cosines


def vote_logits(classes: Ints, cosines: Floats, weights: Floats, shares: Floats, temperature: float) -> Floats:
    """Log of the votes for each class, ``(Q, K)`` float64.

    A neighbour votes with ``exp((cosine - highest cosine) / temperature)`` times its weight: relative to the nearest,
    so that the prior counts alike in dense and in empty regions.

    Args:
        classes: ``(Q, k)`` of the neighbours, nearest first.
        cosines: ``(Q, k)``.
        weights: ``(Q, k)`` of the neighbours.
        shares: ``(K,)`` prior votes, each above 0.
        temperature: Above 0.
    """
    votes = weights * np.exp((cosines - cosines[:, :1]).astype(np.float64) / temperature)
    totals = np.tile(shares, (len(classes), 1))
    rows = np.arange(len(classes))
    for column in range(classes.shape[1]):
        totals[rows, classes[:, column]] += votes[:, column]
    totals /= totals.sum(axis=1, keepdims=True)
    return np.log(totals)


@dataclass(frozen=True)
class _Neighbourhood:
    """The rows of one fold and, nearest first, what is around them in the other folds."""

    queries: Ints
    classes: Ints
    cosines: Floats
    weights: Floats
    shares: Floats

    def logits(self, k: int, temperature: float) -> Floats:
        return vote_logits(self.classes[:, :k], self.cosines[:, :k], self.weights[:, :k], self.shares, temperature)


class KNN:
    """Cosine neighbours among the training rows, which are kept."""

    def __init__(self, config: KNNConfig) -> None:
        self.config = config

    def fit(
        self,
        features: Floats,
        targets: Targets,
        folds: Ints,
        rng: np.random.Generator,
        weights: Floats | None = None,
    ) -> Solution:
        """See ``core.learning.SolveMethod``; nothing is drawn from ``rng``."""
        row_weights = check_inputs(features, targets, folds, weights)
        with one_blas_thread():
            rows = unit_rows(features)
            around = [*self._neighbourhoods(rows, targets, folds, row_weights)]
        k, temperature, losses = self._choose(around, targets.values, row_weights)
        out_of_fold = np.full((len(rows), targets.width), np.nan)
        for part in around:
            out_of_fold[part.queries] = part.logits(k, temperature)
        arrays = {
            "rows": rows,
            "classes": targets.values.astype(np.int64),
            "weights": row_weights,
            "shares": self._shares(targets.values, row_weights, targets.width),
        }
        report = {
            "tried": [{"k": count, "temperature": t, "log_loss": loss} for (count, t), loss in losses.items()],
            "k": k,
            "temperature": temperature,
        }
        spec = {"method": "knn", "form": "neighbours", "k": k, "temperature": temperature}
        return Solution(Fitted(arrays, spec), out_of_fold, report)

    def predict(self, fitted: Fitted, features: Floats) -> Floats:
        """``(N, K)`` logits; raises ShapeError when D differs from the training rows'."""
        rows = fitted.arrays["rows"]
        if features.ndim != 2 or features.shape[1] != rows.shape[1]:
            raise ShapeError(f"features must be (N, {rows.shape[1]}), as in training; got shape {features.shape}.")
        count = min(int(fitted.spec["k"]), len(rows))
        found, cosines = nearest(unit_rows(features), rows, count)
        classes, weights = fitted.arrays["classes"][found], fitted.arrays["weights"][found]
        return vote_logits(classes, cosines, weights, fitted.arrays["shares"], float(fitted.spec["temperature"]))

    def _shares(self, values: Ints, weights: Floats, width: int) -> Floats:
        """Prior votes ``(width,)``; a class without rows counts as half a row."""
        counts = np.bincount(values, weights=weights, minlength=width)
        counts = np.where(counts > 0, counts, 0.5)
        shares: Floats = self.config.prior * counts / counts.sum()
        return shares

    def _neighbourhoods(self, rows: Floats, targets: Targets, folds: Ints, weights: Floats) -> Iterator[_Neighbourhood]:
        """Each fold's rows among those of the other folds."""
        for fold in np.unique(folds[folds >= 0]):
            seen, queries = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
            if weights[seen].sum() > 0:
                found, cosines = nearest(rows[queries], rows[seen], min(max(self.config.neighbours), len(seen)))
                classes, near = targets.values[seen][found], weights[seen][found]
                shares = self._shares(targets.values[seen], weights[seen], targets.width)
                yield _Neighbourhood(queries, classes, cosines, near, shares)

    def _choose(
        self, around: list[_Neighbourhood], values: Ints, weights: Floats
    ) -> tuple[int, float, dict[tuple[int, float], float]]:
        """The k and temperature of the lowest out-of-fold log-loss, and the losses of all."""
        total = sum(float(weights[part.queries].sum()) for part in around)
        losses: dict[tuple[int, float], float] = {}
        if total > 0:
            for k in sorted(set(self.config.neighbours)):
                for temperature in self.config.temperatures:
                    summed = 0.0
                    for part in around:
                        own = values[part.queries][:, None]
                        of_own = np.take_along_axis(part.logits(k, temperature), own, axis=1)[:, 0]
                        summed -= float(of_own @ weights[part.queries])
                    losses[k, temperature] = summed / total
        fallback = (max(self.config.neighbours), self.config.temperatures[0])
        k, temperature = min(losses, key=lambda choice: (losses[choice], choice)) if losses else fallback
        return k, temperature, losses


PLUGIN = Plugin(
    build=KNN, config=KNNConfig, kind="solve", paper="doi:10.1109/TIT.1967.1053964", needs=frozenset({"examples"})
)
