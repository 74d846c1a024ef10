"""How many predictions are right where no target is known.

- Confidence-based (CBPE; NannyML calls it so; Hendrycks & Gimpel's baseline as an estimate, "average confidence"):
  of calibrated probabilities the mean is the expected accuracy. What held-out rows show of miscalibration is taken off.
- Average thresholded confidence (ATC; Garg et al., ICLR 2022, https://arxiv.org/abs/2201.04234): the share of answers
  surer than the threshold above which held-out rows lie as often as they are right.

Both assume that the model is as sure of its mistakes as it was; where the meaning of inputs changed (another label for
the same picture), no method without targets notices.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.evaluation.intervals import interval

Z = 1.959963984540054  # of 95 %


@dataclass(frozen=True)
class HeldOutAccuracy:
    """What held-out rows say of sureness and being right.

    Attributes:
        n: Rows.
        right: Share that is right.
        sure: Mean probability of what was predicted.
        gap_variance: Variance of (right - sure) of single rows.
        threshold: Probability above which as many rows lie as are right.
        above: Share of them that lies at or above it.
    """

    n: int
    right: float
    sure: float
    gap_variance: float
    threshold: float
    above: float


def held_out_accuracy(sure: NDArray[Any], right: NDArray[Any]) -> HeldOutAccuracy:
    """From ``(n,)`` probabilities of what was predicted, and whether it was right; n above 0."""
    confidence, correct = np.asarray(sure, np.float64), np.asarray(right, np.float64)
    share = float(correct.mean())
    above = int(round(share * len(confidence)))
    ordered = np.sort(confidence)[::-1]
    threshold = float(ordered[above - 1]) if above else math.nextafter(float(ordered[0]), math.inf)
    gap = correct - confidence
    return HeldOutAccuracy(
        len(confidence), share, float(confidence.mean()), float(gap.var()), threshold,
        float((confidence >= threshold).mean()),
    )  # fmt: skip


def by_confidence(reference: HeldOutAccuracy, total: float, spread: float, m: int) -> dict[str, Any]:
    """CBPE with its 95 % interval.

    Args:
        reference: Of the held-out rows.
        total: Sum of the probabilities of what was predicted, of m examples.
        spread: Sum of p (1 - p): the variance of the number of right ones.
        m: Examples, above 0.
    """
    value = total / m + reference.right - reference.sure
    variance = spread / m**2 + reference.gap_variance / reference.n
    return _clipped(value, variance)


def by_threshold(reference: HeldOutAccuracy, above: int, m: int) -> dict[str, Any]:
    """ATC with its 95 % interval: ``above`` of ``m`` examples are as sure as the threshold, m above 0."""
    share = above / m
    value = share + reference.right - reference.above  # ties at the threshold
    ours, theirs = (max(p * (1 - p), 1 / k) / k for p, k in ((share, m), (reference.right, reference.n)))
    return _clipped(value, ours + theirs)


def _clipped(value: float, variance: float) -> dict[str, Any]:
    reach = Z * math.sqrt(variance)
    kept = min(max(value, 0.0), 1.0)
    return interval(kept, (max(min(value - reach, kept), 0.0), min(max(value + reach, kept), 1.0)))
