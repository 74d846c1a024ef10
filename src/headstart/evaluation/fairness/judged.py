"""What a model said of N examples beside what is true, as the aspects that groups are measured in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import DataError, ShapeError
from headstart.evaluation.confusion import check_classes
from headstart.evaluation.fairness.aspects import Aspect, Flags, Floats, of_decisions, rate
from headstart.evaluation.multilabel import check_flags

Kind = Literal["class", "multilabel", "real"]


@dataclass(frozen=True)
class Judged:
    """The input of a report.

    Attributes:
        kind: Of the targets.
        primary: Name of the aspect that says who is worst off; the first of ``aspects``.
        aspects: What groups are measured in.
        probability: ``(N,)`` what the model said how likely something is, NaN where it said nothing sensible; None
            where it gave no probabilities.
        is_true: ``(N,)`` whether it came true.
    """

    kind: Kind
    aspects: tuple[Aspect, ...]
    probability: Floats | None = None
    is_true: Flags | None = None

    @property
    def primary(self) -> Aspect:
        """The aspect that says who is worst off."""
        return self.aspects[0]

    @property
    def higher_is_better(self) -> bool:
        """Of the primary aspect."""
        return self.kind != "real"

    def __len__(self) -> int:
        return len(self.primary.values)


def judge_classes(
    targets: NDArray[Any],
    predictions: NDArray[Any],
    num_classes: int,
    probabilities: NDArray[Any] | None = None,
    positive: int | None = None,
) -> Judged:
    """Of classes: ``accuracy``, and of one class against the rest what follows from decisions.

    Args:
        targets: ``(N,)`` integers in 0..K-1.
        predictions: ``(N,)`` likewise.
        num_classes: K.
        probabilities: ``(N, K)``, or None. Calibration is that of the positive class, or without one that of the
            predicted class.
        positive: The class that is good or bad to be taken for; None is class 1 of two, and none of more.

    Raises:
        ShapeError: arrays that do not fit together, classes outside 0..K-1.
    """
    truth, chosen = np.asarray(targets), np.asarray(predictions)
    check_classes(truth, chosen, num_classes)
    if positive is None and num_classes == 2:
        positive = 1
    if positive is not None and not 0 <= positive < num_classes:
        raise ShapeError(f"the positive class must lie in 0..{num_classes - 1}; got {positive}.")
    aspects = [rate("accuracy", truth == chosen)]
    if positive is not None:
        aspects += of_decisions(truth == positive, chosen == positive)
    if probabilities is None:
        return Judged("class", tuple(aspects))
    p = np.asarray(probabilities, dtype=np.float64)
    if p.shape != (len(truth), num_classes):
        raise ShapeError(f"probabilities must be ({len(truth)}, {num_classes}); got shape {p.shape}.")
    if positive is None:
        return Judged("class", tuple(aspects), p[np.arange(len(p)), chosen], truth == chosen)
    return Judged("class", tuple(aspects), p[:, positive], truth == positive)


def judge_numbers(targets: NDArray[Any], predictions: NDArray[Any]) -> Judged:
    """Of numbers: ``rmse``, and ``mean_error`` with its sign (above 0: predicted too high).

    Args:
        targets: ``(N,)``.
        predictions: ``(N,)``.

    Raises:
        ShapeError: not ``(N,)`` each, N > 0.
        DataError: some are not finite.
    """
    truth, given = (np.asarray(values, dtype=np.float64) for values in (targets, predictions))
    if truth.ndim != 1 or truth.shape != given.shape or not len(truth):
        raise ShapeError(f"targets and predictions must be (N,) each, N > 0; got {truth.shape} and {given.shape}.")
    bad = int((~np.isfinite(truth) | ~np.isfinite(given)).sum())
    if bad:
        raise DataError(f"targets and predictions must be finite; {bad} of {len(truth)} rows are not. Leave them out.")
    error, every = given - truth, np.ones(len(truth), dtype=bool)
    return Judged("real", (Aspect("rmse", "root_mean", error**2, every), Aspect("mean_error", "mean", error, every)))


def judge_labels(targets: NDArray[Any], decisions: NDArray[Any], positive: int | None = None) -> Judged:
    """Of sets of labels: ``exact_match`` (the whole set is right), ``label_accuracy`` (the share of labels that is).

    F1 is left out: groups in which a label has other shares have another F1 from the same skill.

    Args:
        targets: ``(N, L)`` flags.
        decisions: ``(N, L)`` flags.
        positive: A label to look at like a positive class, or None.

    Raises:
        ShapeError: shapes differ, or no such label.
    """
    truth, given = check_flags(targets, decisions)
    if positive is not None and not 0 <= positive < truth.shape[1]:
        raise ShapeError(f"the positive label must lie in 0..{truth.shape[1] - 1}; got {positive}.")
    right = truth == given
    aspects = [
        rate("exact_match", right.all(axis=1)),
        Aspect("label_accuracy", "mean", right.mean(axis=1), np.ones(len(right), dtype=bool)),
    ]
    if positive is not None:
        aspects += of_decisions(truth[:, positive], given[:, positive])
    return Judged("multilabel", tuple(aspects))
