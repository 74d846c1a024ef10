r"""Isotonic regression: each class's probability replaced by the share it had among held-out rows, never falling.

Zadrozny & Elkan, Transforming Classifier Scores into Accurate Multiclass Probability Estimates, KDD 2002,
https://doi.org/10.1145/775047.775151: one map per class against the rest, by pooling adjacent violators, then the rows
are normalised. Labels are mapped one by one and not normalised.

Ours: shares lie at least :math:`1 / (N + 2)` from 0 and 1, since a pooled share of 0 would promise what N rows cannot
show, and its log-loss would be infinite. Probabilities beyond those seen get the outermost share; between two seen ones
lies a straight line.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from headstart.core.config import Config
from headstart.core.learning import TargetKind, Targets
from headstart.core.plugins import Plugin
from headstart.evaluation.calibrators.contract import KINDS, Arrays, checked
from headstart.evaluation.sigmoid import sigmoid
from headstart.evaluation.softmax import softmax

Floats = NDArray[np.float64]


class IsotonicConfig(Config):
    """The default is ours."""

    fewest: int = Field(
        100,
        ge=1,
        description="Rows that each class needs, and rows of other classes: a free curve follows noise below.",
    )


def rising_share(is_positive: Floats, probability: Floats, shares: Floats) -> tuple[Floats, Floats]:
    """The rising curve of least squares, as the ``(m,)`` corners between which it is straight.

    Args:
        is_positive: ``(N,)`` of 0 and 1.
        probability: ``(N,)``; equal ones get one share.
        shares: ``(N,)`` weights that sum to 1.

    >>> curve = rising_share(np.array([0.0, 1, 0, 1]), np.array([0.1, 0.2, 0.3, 0.4]), np.full(4, 0.25))
    >>> [corner.tolist() for corner in curve]
    [[0.1, 0.2, 0.3, 0.4], [0.0, 0.5, 0.5, 1.0]]
    """
    from scipy.optimize import isotonic_regression

    used = shares > 0
    seen, place = np.unique(probability[used], return_inverse=True)
    weight = np.bincount(place, weights=shares[used])
    height = np.bincount(place, weights=shares[used] * is_positive[used]) / weight
    curve = np.asarray(isotonic_regression(height, weights=weight).x)
    is_step = np.diff(curve) > 0  # corners are the first and the last of each run of equal shares
    corners = np.append(True, is_step) | np.append(is_step, True)
    return seen[corners], curve[corners]


class Isotonic:
    """A curve of its own for each output, as free as the rows let it be."""

    def __init__(self, config: IsotonicConfig) -> None:
        self.config = config

    def numbers_learned(self, width: int) -> float:
        """Infinity: as many as there are rows, in the worst case."""
        return float("inf")

    def why_not(self, targets: Targets) -> str | None:
        """See ``contract.Calibrator``."""
        if targets.kind == "multilabel":
            having = np.asarray(targets.values > 0).sum(axis=0)
        else:
            having = np.bincount(np.asarray(targets.values), minlength=targets.width)
        fewest = int(min(having.min(), (len(targets) - having).min()))
        what = "label" if targets.kind == "multilabel" else "class"
        needed = self.config.fewest
        return None if fewest >= needed else f"a {what} has {fewest} rows for or against it, and {needed} are needed"

    def fit(self, targets: Targets, outputs: NDArray[Any], weights: NDArray[Any] | None = None) -> dict[str, Any]:
        """See ``contract.Calibrator``; corners of all curves one after the other, see :meth:`apply`.

        ``probability`` ``(M,)`` and ``share`` ``(M,)``, and ``ends`` ``(W + 1,)`` int64: output k's corners are those
        from ``ends[k]`` to ``ends[k + 1]``. The corners are probabilities that single held-out rows were given.
        """
        z, shares = checked(targets, outputs, weights)
        p = _probabilities(z, targets.kind)
        is_multilabel = targets.kind == "multilabel"
        curves = []
        for k in range(targets.width):
            own = targets.values[:, k] > 0 if is_multilabel else np.asarray(targets.values) == k
            curves.append(rising_share(np.asarray(own, dtype=np.float64), p[:, k], shares))
        least = 1 / (np.count_nonzero(shares) + 2)
        return {
            "probability": np.concatenate([corners for corners, _ in curves]),
            "share": np.clip(np.concatenate([heights for _, heights in curves]), least, 1 - least),
            "ends": np.cumsum([0, *(len(corners) for corners, _ in curves)]).astype(np.int64),
        }

    def apply(self, arrays: Arrays, outputs: NDArray[Any], kind: TargetKind) -> Floats:
        """See ``contract.Calibrator``: logarithms of probabilities that sum to 1; of labels, of their odds."""
        p, ends = _probabilities(np.asarray(outputs, dtype=np.float64), kind), arrays["ends"]
        mapped = np.empty_like(p)
        for k in range(p.shape[1]):
            own = slice(int(ends[k]), int(ends[k + 1]))
            mapped[:, k] = np.interp(p[:, k], arrays["probability"][own], arrays["share"][own])
        if kind == "multilabel":
            return np.asarray(np.log(mapped) - np.log1p(-mapped), dtype=np.float64)
        return np.asarray(np.log(mapped / mapped.sum(axis=1, keepdims=True)), dtype=np.float64)


def _probabilities(outputs: Floats, kind: TargetKind) -> Floats:
    return sigmoid(outputs) if kind == "multilabel" else softmax(outputs)


PLUGIN = Plugin(build=Isotonic, config=IsotonicConfig, paper="doi:10.1145/775047.775151", targets=KINDS)
