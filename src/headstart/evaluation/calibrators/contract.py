"""What every calibrator is given and gives back, and the checks that all of them need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ConfigError, ShapeError, choice_message
from headstart.core.learning import TargetKind, Targets
from headstart.evaluation.sigmoid import binary_log_loss
from headstart.evaluation.softmax import log_softmax

Floats = NDArray[np.float64]
Arrays = Mapping[str, NDArray[Any]]
KINDS = frozenset({"class", "ordinal", "multilabel"})


class Calibrator(Protocol):
    """A map from outputs to outputs, learned on rows that the model which gave them did not see."""

    def numbers_learned(self, width: int) -> float:
        """How many numbers the map has for ``width`` outputs: of maps that are equally good the fewest win."""

    def why_not(self, targets: Targets) -> str | None:
        """Why these rows are too few for this map, a clause; None where they are enough."""

    def fit(self, targets: Targets, outputs: NDArray[Any], weights: NDArray[Any] | None = None) -> dict[str, Any]:
        """Learn the map.

        Args:
            targets: Of N held-out rows: classes, grades or label sets.
            outputs: ``(N, W)`` logits as ``core.learning.SolveMethod`` gives them; finite.
            weights: ``(N,)``, 0 or more, some above 0; None counts every row once.

        Returns:
            Arrays by name, enough for :meth:`apply`.

        Raises:
            ShapeError: shapes do not fit together, or a number is not finite.
            ConfigError: the targets are numbers.
        """

    def apply(self, arrays: Arrays, outputs: NDArray[Any], kind: TargetKind) -> Floats:
        """Calibrated logits ``(N, W)`` float64, finite, for the outputs ``(N, W)`` of any rows."""


def checked(
    targets: Targets, outputs: NDArray[Any], weights: NDArray[Any] | None = None
) -> tuple[Floats, NDArray[np.float64]]:
    """Outputs ``(N, W)`` as float64, and weights ``(N,)`` that sum to 1, after the checks that ``fit`` promises."""
    if targets.kind not in KINDS:
        raise ConfigError(
            f"{choice_message('the kind of targets of a calibrator', targets.kind, KINDS)} Leave numbers as they are."
        )
    z = np.asarray(outputs, dtype=np.float64)
    if z.shape != (len(targets), targets.width) or not len(z):
        raise ShapeError(
            f"outputs must be (N, {targets.width}), one row for each of {len(targets)} targets, N above 0; "
            f"got {z.shape}. Take the same rows of both."
        )
    bad = int((~np.isfinite(z)).any(axis=1).sum())
    if bad:
        raise ShapeError(
            f"outputs must be finite; {bad} of {len(z)} rows hold others. Leave out rows that were never held out."
        )
    w = np.ones(len(z)) if weights is None else np.asarray(weights, dtype=np.float64)
    if w.shape != (len(z),) or not (np.isfinite(w).all() and (w >= 0).all() and w.sum() > 0):
        raise ShapeError(
            f"weights must be ({len(z)},) numbers of 0 or more, some above 0; got shape {w.shape}. "
            "Pass None to count every row once."
        )
    return z, w / w.sum()


def centred(outputs: NDArray[Any], kind: TargetKind) -> Floats:
    """Logits ``(N, W)`` with a mean of 0 in each row, since those of classes are up to a constant; of labels as is."""
    z = np.asarray(outputs, dtype=np.float64)
    return z if kind == "multilabel" else np.asarray(z - z.mean(axis=1, keepdims=True))


def log_losses(targets: Targets, outputs: NDArray[Any]) -> Floats:
    """``(N,)`` log-loss of classes or grades, the mean of the labels' log-losses for label sets; nats, 0 or more."""
    if targets.kind == "multilabel":
        return np.asarray(binary_log_loss(targets.values, outputs).mean(axis=1), dtype=np.float64)
    own = np.take_along_axis(log_softmax(outputs), np.asarray(targets.values)[:, None], axis=1)
    return np.asarray(-own[:, 0], dtype=np.float64)
