"""PARC: whether rows whose features are far apart have different labels, by Spearman's correlation over pairs.

Bolya, Mittapalli & Hoffman, Scalable Diverse Model Selection for Accessible Transfer Learning, NeurIPS 2021,
https://arxiv.org/abs/2111.06977

As in the paper, features are standardised by dimension and the distance of two rows is 1 less the Pearson correlation
of their features, or of their one-hot labels, which takes one value for the same class and one for different ones.
Ours: the score lies in -1..1 (the authors' code multiplies by 100), dimensions in which nothing varies are left out, a
row without variation across dimensions correlates with nothing, and of many rows a sample is taken, as the number of
pairs grows with their square. The paper's reduction to 32 principal components is not part of it.
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
from headstart.evaluation.spearman import spearman
from headstart.evaluation.transferability.contract import CLASSES, checked_features, present_classes, varying

Floats = NDArray[np.float64]
DECIMALS = 12  # of a distance; what differs beyond is rounding, and pairs of duplicates must tie


class PARCConfig(Config):
    """The default is ours."""

    rows: int = Field(2000, ge=3, description="Rows whose pairs are compared; a sample where there are more.")


def parc(features: Floats, classes: NDArray[np.int64]) -> float:
    """Spearman's correlation over all pairs of rows, ties at their mean rank.

    Args:
        features: ``(N, D)`` float64; memory grows with N squared.
        classes: ``(N,)`` class numbers.

    Returns:
        In -1..1; 0 where all distances, or all labels, are the same. The same when dimensions are shifted, rescaled by
        a factor above 0 or reordered, and for other class numbers; not for rotated features.
    """
    pairs = np.triu_indices(len(features), 1)
    is_different = classes[pairs[0]] != classes[pairs[1]]
    distances = correlation_distances(features)[pairs]
    value = spearman(is_different, distances) if len(distances) else None
    return 0.0 if value is None else value


def correlation_distances(features: Floats) -> Floats:
    """``(N, N)``: 1 less the Pearson correlation of rows ``(N, D)`` that were standardised by dimension; 0..2."""
    rows = varying(features)
    rows = rows - rows.mean(axis=0)
    deviations = rows.std(axis=0)
    rows = rows / np.where(deviations > 0, deviations, 1.0)
    if rows.shape[1]:
        rows = rows - rows.mean(axis=1, keepdims=True)
    lengths = np.sqrt((rows**2).sum(axis=1, keepdims=True))
    is_flat = lengths <= 1e-12 * np.sqrt(max(rows.shape[1], 1))
    rows = np.where(is_flat, 0.0, rows / np.where(is_flat, 1.0, lengths))
    return np.asarray(np.round(1 - rows @ rows.T, DECIMALS), dtype=np.float64)


class PARC:
    """:func:`parc` of a sample of the rows."""

    def __init__(self, config: PARCConfig) -> None:
        self.config = config

    def score(self, features: NDArray[Any], targets: Targets, rng: np.random.Generator) -> float:
        """See ``contract.TransferabilityScore``; -1 to 1. ``rng`` draws the sample where rows are many."""
        rows, classes = checked_features(features, targets, CLASSES), present_classes(targets)
        if len(rows) > self.config.rows:
            sample = np.sort(rng.choice(len(rows), self.config.rows, replace=False))
            rows, classes = rows[sample], classes[sample]
        with one_blas_thread():
            return parc(rows, classes)


PLUGIN = Plugin(build=PARC, config=PARCConfig, paper="arXiv:2111.06977", targets=CLASSES)
