"""Several labels per example: who has which, counted per example and per label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError
from headstart.evaluation.ranking import average_precision

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class LabelCounts:
    """Sums over examples, ``(L,)`` each.

    Attributes:
        hits: Examples that have the label and were given it.
        true: Examples that have it.
        given: Examples that were given it.
    """

    hits: NDArray[np.int64]
    true: NDArray[np.int64]
    given: NDArray[np.int64]

    @property
    def union(self) -> NDArray[np.int64]:
        """Examples that have the label, or were given it, or both."""
        return self.true + self.given - self.hits

    @property
    def is_present(self) -> Flags:
        """Whether the label has an example: macro averages run over these labels alone."""
        return self.true > 0

    @property
    def f1(self) -> Floats:
        """``2 hits / (true + given)``; 0 where there are no hits."""
        return np.asarray(2 * self.hits / np.maximum(self.true + self.given, 1), dtype=np.float64)


def label_counts(truth: NDArray[Any], given: NDArray[Any]) -> LabelCounts:
    """Count ``(N, L)`` flags; raises ShapeError where shapes differ or nothing is there."""
    t, g = check_flags(truth, given)
    return LabelCounts((t & g).sum(axis=0), t.sum(axis=0), g.sum(axis=0))


def macro_f1(counts: LabelCounts) -> float | None:
    """Mean F1 over the labels that have examples, 0-1; None where no label has."""
    return float(counts.f1[counts.is_present].mean()) if counts.is_present.any() else None


def micro_f1(counts: LabelCounts) -> float | None:
    """F1 of all decisions together, 0-1; None where no label is there and none was given."""
    size = int((counts.true + counts.given).sum())
    return float(2 * counts.hits.sum() / size) if size else None


def macro_f1_shares(truth: NDArray[Any], given: NDArray[Any]) -> Floats:
    """``(N,)`` each example's share of macro-F1; their mean is macro-F1."""
    t, g = check_flags(truth, given)
    counts = label_counts(t, g)
    worth = 2 * len(t) / np.maximum(counts.true + counts.given, 1) / max(int(counts.is_present.sum()), 1)
    return np.asarray((t & g)[:, counts.is_present] @ worth[counts.is_present], dtype=np.float64)


def average_precisions(truth: NDArray[Any], scores: NDArray[Any]) -> tuple[Floats, NDArray[np.int64]]:
    """Average precision of each label with positives and negatives, and the number of its positives.

    Args:
        truth: ``(N, L)`` flags.
        scores: ``(N, L)``, higher means positive.

    Returns:
        ``(l,)`` and ``(l,)`` of the l <= L labels that have both.
    """
    t = np.asarray(truth) > 0
    positives = t.sum(axis=0)
    usable = np.flatnonzero((positives > 0) & (positives < len(t)))
    values = [average_precision(t[:, label], np.asarray(scores[:, label], float)) for label in usable]
    return np.array(values, dtype=np.float64), positives[usable]


def check_flags(truth: NDArray[Any], given: NDArray[Any]) -> tuple[Flags, Flags]:
    """Both as ``(N, L)`` bool; raises ShapeError unless shapes agree and N >= 1."""
    t, g = np.asarray(truth) > 0, np.asarray(given) > 0
    if t.ndim != 2 or t.shape != g.shape or not len(t):
        raise ShapeError(f"labels and decisions must both be (N, L) with N >= 1; got {t.shape} and {g.shape}.")
    return t, g
