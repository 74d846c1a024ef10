"""k nearest neighbours by cosine, votes weighted by similarity, k and the temperature chosen on folds.

Cover & Hart, IEEE Transactions on Information Theory 13, 1967, doi:10.1109/TIT.1967.1053964; the votes
``exp(cosine / temperature)`` are those of Wu et al., CVPR 2018, arXiv:1805.01978. Votes are given to classes, to each
label for and against, or averaged where targets are numbers.

Its cost grows with the square of the rows, so no more than ``reference_rows`` of them are kept and searched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import Field
from scipy.sparse import issparse

from headstart.core.config import Config
from headstart.core.errors import ShapeError
from headstart.core.learning import Fitted, Floats, Ints, Solution, Targets
from headstart.core.plugins import Plugin
from headstart.core.resources import one_blas_thread
from headstart.methods.inputs import ALL_KINDS, check_inputs
from headstart.methods.row_losses import row_losses
from headstart.methods.stratified_order import strata_of, stratified_order
from headstart.methods.votes import Electorate

BLOCK_VALUES = 1 << 22  # similarities held at a time


class KNNConfig(Config):
    """What is tried; the lowest out-of-fold loss wins (log-loss, or the squared error of numbers)."""

    neighbours: tuple[int, ...] = Field((1, 3, 5, 10, 20, 50), min_length=1, description="Values of k that are tried.")
    temperatures: tuple[float, ...] = Field(
        (0.02, 0.05, 0.1), min_length=1, description="Cosine differences that make a vote e times as heavy."
    )
    prior: float = Field(0.1, gt=0, description="Votes, in those of the nearest row, spread as in all rows.")
    reference_rows: int = Field(
        10_000, ge=1, description="Training rows that are searched, in a stratified sample where there are more."
    )


def unit_rows(features: Floats) -> Floats:
    """``(N, D)`` rows scaled to length 1 in float32; a row of zeros stays one."""
    rows = features.astype(np.float32)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(length > 0, length, 1)


def nearest(queries: Any, rows: Any, count: int) -> tuple[Ints, Floats]:
    """Indices and cosines ``(Q, count)`` of the nearest ``rows``, nearest first.

    Both inputs are of length 1, arrays or both ``scipy.sparse.csr_array``.
    """
    asked = queries.shape[0]
    indices = np.empty((asked, count), np.int64)
    cosines = np.empty((asked, count), np.float32)
    block = max(1, BLOCK_VALUES // rows.shape[0])
    for start in range(0, asked, block):
        similar = queries[start : start + block] @ rows.T
        if issparse(similar):
            similar = similar.toarray()
        some = np.argpartition(-similar, count - 1, axis=1)[:, :count]
        some.sort(axis=1)  # equal cosines in the order of the rows
        found = np.take_along_axis(similar, some, axis=1)
        order = np.argsort(-found, axis=1, kind="stable")
        indices[start : start + block] = np.take_along_axis(some, order, axis=1)
        cosines[start : start + block] = np.take_along_axis(found, order, axis=1)
    return indices, cosines


@dataclass(frozen=True)
class _Around:
    """The rows of one fold and, nearest first, the references around them that belong to other folds."""

    queries: Ints
    found: Ints
    cosines: Floats
    electorate: Electorate

    def outputs(self, k: int, temperature: float) -> Floats:
        return self.electorate.outputs(self.found[:, :k], self.cosines[:, :k], temperature)


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
        """See ``core.learning.SolveMethod``; ``rng`` draws the references where there are too many rows."""
        row_weights = check_inputs(features, targets, folds, weights)
        kept = self._references(targets, row_weights, rng)
        with one_blas_thread():
            rows = unit_rows(features)
            around = [*self._around(rows, targets, folds, row_weights, kept)]
        k, temperature, losses = self._choose(around, targets, row_weights)
        out_of_fold = np.full((len(rows), targets.width), np.nan)
        for part in around:
            out_of_fold[part.queries] = part.outputs(k, temperature)
        electorate = Electorate.of(targets.take(kept), row_weights[kept], self.config.prior)
        report = {
            "tried": [{"k": count, "temperature": t, "loss": loss} for (count, t), loss in losses.items()],
            "k": k,
            "temperature": temperature,
            "reference_rows": len(kept),
            "rows": len(rows),
        }
        spec = {"method": "knn", "form": "neighbours", "kind": targets.kind, "k": k, "temperature": temperature}
        return Solution(Fitted({"rows": rows[kept], **electorate.arrays()}, spec), out_of_fold, report)

    def predict(self, fitted: Fitted, features: Floats) -> Floats:
        """``(N, W)`` outputs; raises ShapeError when D differs from the training rows'."""
        rows = fitted.arrays["rows"]
        if features.ndim != 2 or features.shape[1] != rows.shape[1]:
            raise ShapeError(f"features must be (N, {rows.shape[1]}), as in training; got shape {features.shape}.")
        count = min(int(fitted.spec["k"]), len(rows))
        found, cosines = nearest(unit_rows(features), rows, count)
        electorate = Electorate.from_arrays(fitted.arrays, fitted.spec["kind"])
        return electorate.outputs(found, cosines, float(fitted.spec["temperature"]))

    def _references(self, targets: Targets, weights: Floats, rng: np.random.Generator) -> Ints:
        """Rows that are searched, ascending: those that weigh something, or a stratified sample of them."""
        rows = np.flatnonzero(weights > 0)
        if len(rows) > self.config.reference_rows:
            order = stratified_order(strata_of(targets.take(rows)), rng.permutation(len(rows)))
            rows = np.sort(rows[order[: self.config.reference_rows]])
        return rows

    def _around(self, rows: Floats, targets: Targets, folds: Ints, weights: Floats, kept: Ints) -> Iterator[_Around]:
        """Each fold's rows among the references of the other folds."""
        for fold in np.unique(folds[folds >= 0]):
            seen, queries = kept[folds[kept] != fold], np.flatnonzero(folds == fold)
            if len(seen):
                found, cosines = nearest(rows[queries], rows[seen], min(max(self.config.neighbours), len(seen)))
                yield _Around(
                    queries, found, cosines, Electorate.of(targets.take(seen), weights[seen], self.config.prior)
                )

    def _choose(
        self, around: list[_Around], targets: Targets, weights: Floats
    ) -> tuple[int, float, dict[tuple[int, float], float]]:
        """The k and temperature of the lowest out-of-fold loss, and the losses of all."""
        total = sum(float(weights[part.queries].sum()) for part in around)
        losses: dict[tuple[int, float], float] = {}
        if total > 0:
            for k in sorted(set(self.config.neighbours)):
                for temperature in self.config.temperatures:
                    summed = sum(
                        float(
                            row_losses(targets.take(part.queries), part.outputs(k, temperature)) @ weights[part.queries]
                        )
                        for part in around
                    )
                    losses[k, temperature] = summed / total
        fallback = (max(self.config.neighbours), self.config.temperatures[0])
        k, temperature = min(losses, key=lambda choice: (losses[choice], choice)) if losses else fallback
        return k, temperature, losses


PLUGIN = Plugin(
    build=KNN,
    title="Nearest neighbours (kNN)",
    config=KNNConfig,
    kind="solve",
    paper="doi:10.1109/TIT.1967.1053964",
    targets=ALL_KINDS,
    needs=frozenset({"examples"}),
)
