"""Do the runtimes that may run a bundle agree? Measured on a few training pictures when it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import BackendError
from headstart.evaluation.softmax import softmax

Logits = NDArray[np.floating[Any]]

# Measured with EfficientNet-Lite0 (see below), each with room for other networks.
FLOAT32_TOLERANCE = 1e-3
REDUCED_TOLERANCE = 0.1


@dataclass(frozen=True)
class Side:
    """What one runtime made of the pictures.

    Attributes:
        runtime: Its name.
        precision: "float32" or the reduced one it computes in.
        logits: ``(n, K)``, or None with ``reason`` when it could not be run.
        reason: Why it could not be run.
    """

    runtime: str
    precision: str
    logits: Logits | None
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.runtime} ({self.precision})"


def tolerance_of(*sides: Side) -> float:
    """Largest probability difference allowed between two sides."""
    return FLOAT32_TOLERANCE if all(side.precision == "float32" for side in sides) else REDUCED_TOLERANCE


def check(fit: Side, others: Sequence[Side]) -> dict[str, Any]:
    """Compare each of ``others`` with what the fit's own runtime gave; the ``parity`` entry of the manifest.

    Top-1 agreement is reported and not gated: within the tolerance t, a prediction can only change where the two best
    classes lie within 2 t of each other.

    Raises:
        BackendError: two sides differ by more than their tolerance; the message names both.
    """
    if fit.logits is None or len(fit.logits) == 0:
        return {"status": "not checked", "reason": fit.reason or "no pictures were given", "n": 0, "sides": []}
    sides = [_compare(fit, other) for other in others]
    missing = [side["reason"] for side in sides if side["status"] == "not checked"]
    checked = len(missing) < len(sides)
    return {
        "status": "checked" if checked else "not checked",
        "reason": "; ".join(missing),
        "reference": {"runtime": fit.runtime, "precision": fit.precision},
        "n": len(fit.logits),
        "sides": sides,
    }


def _compare(fit: Side, other: Side) -> dict[str, Any]:
    named = {"runtime": other.runtime, "precision": other.precision}
    if other.logits is None or fit.logits is None:
        return {**named, "status": "not checked", "reason": f"{other.runtime}: {other.reason}"}
    ours, theirs = softmax(fit.logits), softmax(other.logits)
    difference = float(np.abs(ours - theirs).max())
    tolerance = tolerance_of(fit, other)
    if not difference <= tolerance:  # so that NaN fails
        raise BackendError(
            f"{fit} and {other} must give probabilities within {tolerance:g} of each other on {len(ours)} training "
            f"pictures; they differ by {difference:.3g}. Choose another runtime for the fit, or leave one out."
        )
    agreement = float((ours.argmax(1) == theirs.argmax(1)).mean())
    return {
        **named,
        "status": "checked",
        "largest_probability_difference": difference,
        "tolerance": tolerance,
        "top1_agreement": agreement,
    }
