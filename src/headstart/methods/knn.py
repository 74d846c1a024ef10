"""k nearest neighbours by cosine, votes weighted by similarity, k chosen on folds.

Cover & Hart, IEEE Transactions on Information Theory 13, 1967, doi:10.1109/TIT.1967.1053964; the votes
``exp(cosine / temperature)`` are those of Wu et al., CVPR 2018, arXiv:1805.01978.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
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
    temperature: float = Field(0.07, gt=0, description="Cosine difference that makes a vote e times as heavy.")
    prior: float = Field(1.0, gt=0, description="Votes, in nearest ones, spread over the classes by their shares.")


def unit_rows(features: Floats, centre: Floats) -> Floats:
    """``features - centre`` with each row scaled to length 1; a row at the centre stays 0. float32."""
    away = features.astype(np.float32) - centre
    length = np.linalg.norm(away, axis=1, keepdims=True)
    return away / np.where(length > 0, length, 1)


def nearest(queries: Floats, rows: Floats, count: int) -> tuple[Ints, Floats]:
    """Indices and cosines ``(Q, count)`` of the nearest ``rows``, nearest first, ties by index."""
    similar = queries @ rows.T
    if count < len(rows):
        some = np.argpartition(-similar, count - 1, axis=1)[:, :count]
        some.sort(axis=1)
    else:
        some = np.broadcast_to(np.arange(len(rows)), similar.shape)
    cosines = np.take_along_axis(similar, some, axis=1)
    order = np.argsort(-cosines, axis=1, kind="stable")
    return np.take_along_axis(some, order, axis=1), np.take_along_axis(cosines, order, axis=1)


def vote_logits(classes: Ints, votes: Floats, shares: Floats, prior: float) -> Floats:
    """Log of the votes for each class plus ``prior`` votes spread by ``shares``, ``(Q, K)`` float64.

    Votes are relative to the nearest neighbour's, so the prior counts as much wherever a query lies.
    """
    totals = np.tile(prior * shares, (len(classes), 1))
    rows = np.arange(len(classes))
    for column in range(classes.shape[1]):
        totals[rows, classes[:, column]] += votes[:, column]
    return np.log(totals / totals.sum(axis=1, keepdims=True))


class KNN:
    """Cosine neighbours among the training rows, which are kept."""

    def __init__(self, config: KNNConfig) -> None:
        self.config = config
