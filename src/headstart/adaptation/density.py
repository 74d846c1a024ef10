"""How much more often a row comes in one domain than in the other, from a classifier that tells the domains apart.

Bickel, Brueckner & Scheffer, ICML 2007: with equal numbers of both, the odds of the target domain are the ratio of the
densities. Odds of a sharp classifier are wild; a strong penalty and a ceiling keep single rows from deciding.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from headstart.core.learning import Floats, Targets
from headstart.core.resources import one_blas_thread

PENALTY = 1.0  # per feature: strong
CEILING = 20.0  # times the mean


def density_ratio(source: Any, target: Any, at: Any) -> Floats:
    """:func:`density_odds`, divided by their mean."""
    odds = density_odds(source, target, at)
    return np.asarray(odds / max(float(odds.mean()), 1e-12))


def density_odds(source: Any, target: Any, at: Any) -> Floats:
    """``(h,)`` ratios at the rows ``at`` ``(h, D)``, from ``source`` ``(n, D)`` and ``target`` ``(m, D)``.

    Where the classifier is right their mean over rows of the source is 1 up to chance.
    """
    from headstart.methods.fixed_penalty import solve_at_penalty
    from headstart.methods.threads import torch_threads

    features = np.concatenate([source, target]).astype(np.float32)
    is_target = np.concatenate([np.zeros(len(source), np.int64), np.ones(len(target), np.int64)])
    weights = np.where(is_target == 1, 0.5 / len(target), 0.5 / len(source)) * len(features)
    with one_blas_thread(), torch_threads(1):
        weight, bias = solve_at_penalty(
            features, Targets(is_target, "class", 2), weights[None], PENALTY * features.shape[1], 0.1, 1e-4
        )
    logits = np.asarray(at, np.float64) @ weight[0].T + bias[0]
    ratio = np.exp(np.clip(logits[:, 1] - logits[:, 0], -30, 30))
    return np.asarray(np.minimum(ratio, CEILING * max(float(ratio.mean()), 1e-12)))
