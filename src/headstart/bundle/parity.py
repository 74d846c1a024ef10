"""Do the runtimes that may run a bundle agree? Their probabilities for a few training pictures, compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import BackendError
from headstart.evaluation.softmax import softmax

Logits = NDArray[np.floating[Any]]

# Measured with EfficientNet-Lite0 and linear probes on photographs of clothes, surfaces of magnetic tiles and brain
# scans. Between float32 runtimes no probability moved by more than 5e-6. Between bfloat16 and float32 single pictures
# moved by up to 0.36 where a probe is steep, at 99 % or more equal predictions, so there the mean over the pictures is
# what is bounded: on 32 pictures it was at most 0.032, and 0.04 to 0.11 with the colour channels swapped.
FLOAT32_LARGEST = 1e-3
REDUCED_MEAN = 0.06
FLOAT32 = "float32"


@dataclass(frozen=True)
class Side:
    """What one runtime made of the pictures.

    Attributes:
        runtime: Its name.
        precision: "float32" or the reduced one it computes in.
        logits: ``(n, K)`` for the first n pictures, or None when it could not be run.
        reason: Why it could not be run.
    """

    runtime: str
    precision: str
    logits: Logits | None
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.runtime} ({self.precision})"

    def to_dict(self) -> dict[str, Any]:
        """JSON, without the logits."""
        status = {"status": "checked"} if self.logits is not None else {"status": "not checked", "reason": self.reason}
        return {"runtime": self.runtime, "precision": self.precision, **status}


def check(sides: Sequence[Side]) -> dict[str, Any]:
    """Compare each side that ran with the next one that did; the ``parity`` entry of the manifest.

    In a chain, since what agrees with a neighbour's neighbour agrees with it. A side may have run only the first few
    of the pictures; a pair is compared on those that both ran.

    A picture's difference is the largest over its classes. Two float32 sides must stay within FLOAT32_LARGEST on every
    picture; where one computes in reduced precision, the mean over the pictures must stay within REDUCED_MEAN.
    Agreement of the predictions is reported and not gated: it changes only where two classes are nearly as likely.

    Raises:
        BackendError: two sides differ by more; the message names both.
    """
    ran = [side for side in sides if side.logits is not None and len(side.logits)]
    pairs = [_compare(one, other) for one, other in pairwise(ran)]
    missing = [f"{side.runtime}: {side.reason}" for side in sides if side.logits is None]
    return {
        "status": "checked" if pairs else "not checked",
        "reason": "; ".join(missing),
        "n": len(ran[0].logits) if ran and ran[0].logits is not None else 0,
        "sides": [side.to_dict() for side in sides],
        "pairs": pairs,
    }


def _compare(one: Side, other: Side) -> dict[str, Any]:
    assert one.logits is not None and other.logits is not None  # noqa: S101 - check() passes sides that ran
    count = min(len(one.logits), len(other.logits))
    ours, theirs = softmax(one.logits[:count]), softmax(other.logits[:count])
    by_picture = np.abs(ours - theirs).max(axis=1)
    largest, mean = float(by_picture.max()), float(by_picture.mean())
    if one.precision == other.precision == FLOAT32:
        statistic, value, tolerance = "largest", largest, FLOAT32_LARGEST
    else:
        statistic, value, tolerance = "mean", mean, REDUCED_MEAN
    if not value <= tolerance:  # so that NaN fails
        raise BackendError(
            f"{one} and {other} must agree: the {statistic} difference of probabilities on {count} training "
            f"pictures must be at most {tolerance:g}; it is {value:.3g}. Choose another runtime, or leave one out."
        )
    return {
        "between": [str(one), str(other)],
        "n": count,
        "largest_probability_difference": largest,
        "mean_probability_difference": mean,
        "gated": statistic,
        "tolerance": tolerance,
        "top1_agreement": float((ours.argmax(1) == theirs.argmax(1)).mean()),
    }
