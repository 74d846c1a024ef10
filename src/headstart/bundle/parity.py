"""Do the runtimes that may run a bundle agree? What they predict for a few training examples, compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import BackendError
from headstart.core.learning import TargetKind
from headstart.evaluation.sigmoid import sigmoid
from headstart.evaluation.softmax import softmax

Outputs = NDArray[np.floating[Any]]

# Measured with EfficientNet-Lite0 and linear probes on photographs of clothes, surfaces of magnetic tiles and brain
# scans. Between float32 runtimes no probability moved by more than 5e-6. Between bfloat16 and float32 single pictures
# moved by up to 0.36 where a probe is steep, at 99 % or more equal predictions, so there the mean over the pictures is
# what is bounded: on 32 pictures it was at most 0.032, and 0.04 to 0.11 with the colour channels swapped.
# Numbers are held to the same limits, their differences measured in standard deviations of the predictions.
FLOAT32_LARGEST = 1e-3
REDUCED_MEAN = 0.06
FLOAT32 = "float32"


@dataclass(frozen=True)
class Side:
    """What one runtime made of the examples.

    Attributes:
        runtime: Its name.
        precision: "float32" or the reduced one it computes in.
        outputs: ``(n, W)`` for the first n examples, or None when it could not be run.
        reason: Why it could not be run.
    """

    runtime: str
    precision: str
    outputs: Outputs | None
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.runtime} ({self.precision})"

    def to_dict(self) -> dict[str, Any]:
        """JSON, without the outputs."""
        status = {"status": "checked"} if self.outputs is not None else {"status": "not checked", "reason": self.reason}
        return {"runtime": self.runtime, "precision": self.precision, **status}


def check(sides: Sequence[Side], kind: TargetKind = "class") -> dict[str, Any]:
    """Compare each side that ran with the next one that did; the ``parity`` entry of the manifest.

    In a chain, since what agrees with a neighbour's neighbour agrees with it. A side may have run only the first few
    of the examples; a pair is compared on those that both ran.

    An example's difference is the largest over its classes or labels. Two float32 sides must stay within
    FLOAT32_LARGEST on every example; where one computes in reduced precision, the mean over the examples must stay
    within REDUCED_MEAN. Agreement of the decisions is reported and not gated: it changes only where two classes are
    nearly as likely.

    Args:
        sides: In the order of the chain.
        kind: Of the targets: classes and grades are compared by softmax, labels by sigmoid, numbers as they are,
            divided by the standard deviation of the first side's predictions.

    Raises:
        BackendError: two sides differ by more; the message names both.
    """
    ran = [side for side in sides if side.outputs is not None and len(side.outputs)]
    pairs = [_compare(one, other, kind) for one, other in pairwise(ran)]
    missing = [f"{side.runtime}: {side.reason}" for side in sides if side.outputs is None]
    return {
        "status": "checked" if pairs else "not checked",
        "reason": "; ".join(missing),
        "n": len(ran[0].outputs) if ran and ran[0].outputs is not None else 0,
        "sides": [side.to_dict() for side in sides],
        "pairs": pairs,
    }


def _compare(one: Side, other: Side, kind: TargetKind) -> dict[str, Any]:
    pair = difference(one, other, kind)
    unit = "relative" if kind == "real" else "probability"
    largest, mean, count = pair[f"largest_{unit}_difference"], pair[f"mean_{unit}_difference"], pair["n"]
    if one.precision == other.precision == FLOAT32:
        statistic, value, tolerance = "largest", largest, FLOAT32_LARGEST
    else:
        statistic, value, tolerance = "mean", mean, REDUCED_MEAN
    what = "predictions, in standard deviations," if kind == "real" else "probabilities"
    if not value <= tolerance:  # so that NaN fails
        raise BackendError(
            f"{one} and {other} must agree: the {statistic} difference of {what} on {count} training "
            f"examples must be at most {tolerance:g}; it is {value:.3g}. Choose another runtime, or leave one out."
        )
    return {**pair, "gated": statistic, "tolerance": tolerance}


def difference(one: Side, other: Side, kind: TargetKind) -> dict[str, Any]:
    """What differs between two sides that ran, on the examples that both did; JSON."""
    assert one.outputs is not None and other.outputs is not None  # noqa: S101 - callers pass sides that ran
    count = min(len(one.outputs), len(other.outputs))
    ours, theirs = (
        comparable(one.outputs[:count], one.outputs, kind),
        comparable(other.outputs[:count], one.outputs, kind),
    )
    by_example = np.abs(ours - theirs).max(axis=1)
    name = "relative" if kind == "real" else "probability"
    pair = {
        "between": [str(one), str(other)],
        "n": count,
        f"largest_{name}_difference": float(by_example.max()),
        f"mean_{name}_difference": float(by_example.mean()),
    }
    return pair if kind == "real" else {**pair, "top1_agreement": _agreement(ours, theirs, kind)}


def comparable(outputs: Outputs, reference: Outputs, kind: TargetKind) -> Outputs:
    """Outputs ``(n, W)`` in the unit in which they are compared.

    Args:
        outputs: Logits or predictions.
        reference: Of numbers: predictions whose standard deviation is the unit; where they are all the same (or one
            alone), their size is.
        kind: Of the targets.
    """
    if kind == "multilabel":
        return sigmoid(outputs)
    if kind != "real":
        return softmax(outputs)
    unit = float(np.std(reference)) or float(np.abs(reference).max()) or 1.0
    return np.asarray(outputs, dtype=np.float64) / unit


def _agreement(ours: Outputs, theirs: Outputs, kind: TargetKind) -> float:
    """Share of examples for which both decide alike: the same class, or the same labels above one half."""
    if kind == "multilabel":
        return float(((ours > 0.5) == (theirs > 0.5)).all(axis=1).mean())
    return float((ours.argmax(1) == theirs.argmax(1)).mean())
