r"""SFDA: how well a regularised Fisher discriminant tells the classes after every row was made harder to tell.

Shao et al., Not All Models Are Equal: Predicting Model Transferability in a Self-challenging Fisher Space, ECCV 2022,
https://arxiv.org/abs/2207.03036

A discriminant gives each row the probability of its class; the row is then mixed with the mean of the other classes,
the more so the less sure the discriminant was; the score is the mean log probability of a second discriminant.

Constants and the softened probability are the authors' code's. Ours: the score keeps the logarithm of the paper, which
the code leaves out for stability; the largest eigenvalue is exact, not by three power steps; dimensions in which
nothing varies do not count. As in the paper the regularisation depends on the scale of the features, and with more
dimensions than rows and little of it, any labels are told apart: such scores round to 0 and order nothing. There, a
``least_shrinkage`` near 0.9 keeps them apart.
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
from headstart.evaluation.softmax import log_softmax, softmax
from headstart.evaluation.transferability.contract import (
    CLASSES,
    checked_features,
    class_means,
    present_classes,
    varying,
)
from headstart.evaluation.transferability.spectrum import principal_coordinates

Floats = NDArray[np.float64]
COLLAPSED = 1e-12  # share of the variance that within-class scatter has at least, where classes are points
VANISHING = 1e-200  # scatter has at least this trace, so that its inverse stays within float64


class SFDAConfig(Config):
    """Defaults are those of the authors' code."""

    strength: float = Field(5.0, gt=0, description="a in the shrinkage exp(-a * largest eigenvalue within classes).")
    least_shrinkage: float = Field(1e-10, gt=0, le=1, description="The shrinkage is at least this.")


def sfda_score(
    features: Floats, classes: NDArray[np.int64], strength: float = 5.0, least_shrinkage: float = 1e-10
) -> float:
    """Mean log probability of the rows' classes in the self-challenging Fisher space.

    Args:
        features: ``(N, D)`` float64.
        classes: ``(N,)`` in 0..C-1, each with an example.
        strength: a in the shrinkage ``exp(-a s)``, s the largest eigenvalue of the scatter within classes.
        least_shrinkage: Lower bound of the shrinkage.

    Returns:
        At most 0. Features that are all the same give the negative entropy of the classes. The same for rotated and
        shifted features, not for rescaled ones.
    """
    shares = np.bincount(classes) / len(classes)
    rows = varying(features)
    d = rows.shape[1]
    if not d:
        return float(shares @ np.log(shares))
    rows = rows - rows.mean(axis=0)
    if d > len(rows):
        rows, _ = principal_coordinates(rows)  # (N, r): the same rows, rotated into the space that they span
        if not rows.shape[1]:  # variances below the smallest float64
            return float(shares @ np.log(shares))
    first, shrinkage = fisher_log_posteriors(rows, classes, d, strength, least_shrinkage)
    harder = confidence_mix(rows, classes, np.exp(first))
    # The second discriminant keeps the first one's shrinkage: a bound from below that nothing exceeds.
    second, _ = fisher_log_posteriors(harder - harder.mean(axis=0), classes, d, np.inf, shrinkage)
    return float(second[np.arange(len(classes)), classes].mean())


def fisher_log_posteriors(
    rows: Floats, classes: NDArray[np.int64], d: int, strength: float, least_shrinkage: float
) -> tuple[Floats, float]:
    r"""Log probabilities of a regularised Fisher discriminant, and its shrinkage.

    The eigenvectors U of the discriminant have :math:`U U^\top = S^{-1}` for the regularised scatter S within classes,
    so the projected rows have the discriminant scores
    :math:`\mu_k^\top S^{-1} x - \tfrac12 \mu_k^\top S^{-1} \mu_k + \log \pi_k`; a softmax over k makes them
    probabilities. No eigenproblem of S-between is solved.

    Args:
        rows: ``(N, r)`` centred, possibly rotated from d dimensions that vary.
        classes: ``(N,)`` in 0..C-1.
        d: Dimensions that the trace of S is spread over.
        strength: See :func:`sfda_score`; infinite means ``least_shrinkage`` whatever the scatter.
        least_shrinkage: Lower bound.

    Returns:
        ``(N, C)`` log probabilities, and the shrinkage in 0-1.
    """
    means = class_means(rows, classes)
    apart = rows - means[classes]
    values, vectors = np.linalg.eigh(apart.T @ apart / len(rows))
    values = np.maximum(values, 0.0)
    shrinkage = least_shrinkage if np.isinf(strength) else max(float(np.exp(-strength * values[-1])), least_shrinkage)
    level = max(float(values.sum()), COLLAPSED * float((rows**2).sum()) / len(rows), VANISHING) / d
    inverse = 1 / ((1 - shrinkage) * values + shrinkage * level)
    centers = means @ vectors
    scores = (rows @ vectors * inverse) @ centers.T - (centers**2 @ inverse) / 2
    return log_softmax(scores + np.log(np.bincount(classes) / len(rows))), shrinkage


def confidence_mix(rows: Floats, classes: NDArray[np.int64], probabilities: Floats) -> Floats:
    """``(N, D)``: each row moved to the mean of the other classes' means, the more so the less sure its class is.

    A row keeps the share p of itself, p the probability of its class after another softmax over ``probabilities``
    ``(N, C)``, which softens them: p lies in ``1 / (1 + (C - 1) e)`` to ``e / (e + C - 1)``.
    """
    kept = softmax(probabilities)[np.arange(len(rows)), classes][:, None]
    means = class_means(rows, classes)
    others = (means.sum(axis=0) - means) / (len(means) - 1)
    return np.asarray(kept * rows + (1 - kept) * others[classes], dtype=np.float64)


class SFDA:
    """:func:`sfda_score` of the classes that have examples."""

    def __init__(self, config: SFDAConfig) -> None:
        self.config = config

    def score(self, features: NDArray[Any], targets: Targets, rng: np.random.Generator) -> float:
        """See ``contract.TransferabilityScore``; nats per example, at most 0. No chance is involved."""
        rows = checked_features(features, targets, CLASSES)
        with one_blas_thread():
            return sfda_score(rows, present_classes(targets), self.config.strength, self.config.least_shrinkage)


PLUGIN = Plugin(build=SFDA, config=SFDAConfig, paper="arXiv:2207.03036", targets=CLASSES)
