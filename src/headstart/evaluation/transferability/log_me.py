r"""LogME: the log evidence of a Bayesian linear model of the targets, at its most likely hyperparameters.

You, Liu, Wang & Long, ICML 2021, https://arxiv.org/abs/2102.11005; the fixed point is that of You et al., Ranking and
Tuning Pre-trained Models, JMLR 2022, https://arxiv.org/abs/2110.10545, with one decomposition shared by all targets.

As in the papers there is no intercept, classes are one-vs-rest targets of 0 and 1, and the score is the mean over them
of the evidence per example. Ours: numbers are standardised, so that neither their unit nor their zero counts; labels of
a multilabel task are treated as classes are; the determinant holds all D directions (some code leaves out D - N of
them where D > N, which counts the width of features); the iteration runs to convergence instead of 11 steps.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from headstart.core.config import Config
from headstart.core.errors import ShapeError
from headstart.core.learning import Targets
from headstart.core.plugins import Plugin
from headstart.core.resources import one_blas_thread
from headstart.evaluation.transferability.contract import CLASSES, checked_features, one_hot, present_classes
from headstart.evaluation.transferability.spectrum import principal_coordinates

Floats = NDArray[np.float64]
KINDS = CLASSES | {"multilabel", "real"}
ROUNDING = 1e-10  # share of a target's square below which a residual is not told from 0: a perfect fit stays finite
WIDEST = 1e15  # alpha / beta stays within this factor of the features' largest squared singular value


class LogMEConfig(Config):
    """Defaults are ours."""

    iterations: int = Field(100, ge=1, description="Most steps of the fixed point; the authors' code takes 11.")
    tolerance: float = Field(1e-4, gt=0, description="Relative change of alpha / beta at which a target is done.")


def log_evidences(features: Floats, targets: Floats, iterations: int = 100, tolerance: float = 1e-4) -> Floats:
    r"""Log evidence per example of each target, maximised over the precisions of weights and noise.

    .. math:: \max_{\alpha, \beta} \tfrac1N \log \mathcal N(y;\, 0,\, \beta^{-1} I + \alpha^{-1} F F^\top)

    It depends on the ratio :math:`t = \alpha / \beta` alone, as the best :math:`\beta` is known given t. With the
    singular values :math:`\sigma_i` of F, the fixed point is :math:`t = \gamma\, e / ((N - \gamma)\, m)` where
    :math:`\gamma = \sum_i \sigma_i^2 / (t + \sigma_i^2)`, m is the squared length of the weights' posterior mean and
    e the squared residual. Where N targets are met exactly by D >= N features, t may fall to 0; the evidence then has a
    finite limit.

    Args:
        features: ``(N, D)`` float64.
        targets: ``(N, K)`` float64, no column all 0.
        iterations: Most steps.
        tolerance: Relative change of t at which a column is done.

    Returns:
        ``(K,)``, nats per example; it falls by log c when a target is multiplied by c and is the same for rotated or
        rescaled features.

    >>> log_evidences(np.array([[2.0], [0.0]]), np.array([[3.0], [1.0]])).round(4)  # by hand: -(2 + log(9 (2 pi)^2))/4
    array([-1.9682])
    """
    n = len(features)
    coordinates, squares = principal_coordinates(features)
    whole = (targets**2).sum(axis=0)
    inside = (coordinates.T @ targets) ** 2 / squares[:, None]  # (r, K): squares of the targets in singular directions
    outside = np.zeros_like(whole) if len(squares) == n else np.maximum(whole - inside.sum(axis=0), ROUNDING * whole)
    sigma2 = squares[:, None]
    ratio = np.ones_like(whole)
    if len(squares):
        largest = float(squares[0])
        ratio *= largest  # the scale of the features does not count
        open_ = np.arange(len(ratio))
        for _ in range(iterations):
            before = ratio[open_]
            after = _next_ratio(before, sigma2, inside[:, open_], outside[open_], whole[open_], n)
            ratio[open_] = np.clip(after, largest / WIDEST, largest * WIDEST)
            open_ = open_[np.abs(ratio[open_] - before) > tolerance * before]
            if not len(open_):
                break
    quadratic = (inside * (ratio / (ratio + sigma2))).sum(axis=0) + outside  # y' (I + F F' / t)^-1 y
    determinant = np.log1p(sigma2 / ratio).sum(axis=0)
    return np.asarray(-(1 + np.log(2 * np.pi * quadratic / n) + determinant / n) / 2, dtype=np.float64)


def _next_ratio(ratio: Floats, sigma2: Floats, inside: Floats, outside: Floats, whole: Floats, n: int) -> Floats:
    lost = ratio / (ratio + sigma2)  # (r, K); 1 - lost is the share of a direction that the data decide
    beyond = n - len(sigma2) + lost.sum(axis=0)  # N - gamma, without cancellation
    length = (inside * sigma2 / (ratio + sigma2) ** 2).sum(axis=0)
    residual = (inside * lost**2).sum(axis=0) + outside
    length = np.maximum(length, 1e-30 * whole / sigma2[0])  # nothing of a target in the features: t goes to its bound
    return np.asarray((n - beyond) * residual / (beyond * length), dtype=np.float64)


class LogME:
    """The mean of :func:`log_evidences` over classes, labels, or the one number."""

    def __init__(self, config: LogMEConfig) -> None:
        self.config = config

    def score(self, features: NDArray[Any], targets: Targets, rng: np.random.Generator) -> float:
        """See ``contract.TransferabilityScore``; nats per example. No chance is involved."""
        rows = checked_features(features, targets, KINDS)
        with one_blas_thread():
            evidences = log_evidences(rows, _columns(targets), self.config.iterations, self.config.tolerance)
        return float(evidences.mean())


def _columns(targets: Targets) -> Floats:
    """``(N, K)``: what the linear models are to predict; columns without variation are left out."""
    if targets.kind in CLASSES:
        return one_hot(present_classes(targets))
    values = np.asarray(targets.values, dtype=np.float64).reshape(len(targets), -1)
    values = values[:, values.max(axis=0) > values.min(axis=0)]
    if not values.shape[1]:
        raise ShapeError(
            f"a transferability score needs targets that differ; all {len(targets)} rows have the same. "
            "Give rows with other targets."
        )
    return values if targets.kind == "multilabel" else (values - values.mean(axis=0)) / values.std(axis=0)


PLUGIN = Plugin(build=LogME, config=LogMEConfig, paper="arXiv:2102.11005", targets=KINDS)
