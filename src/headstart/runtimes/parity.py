"""Do two runtimes compute the same features? Cosines per row, of the features and of what tells the rows apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headstart.core.errors import BackendError
from headstart.runtimes.contract import Array

# Smallest allowed (cosine of any row, mean cosine after the mean row is subtracted), by precision; ours. Measured on
# photographs with EfficientNet-Lite0: float32 1 - 1e-11 in the worst row, bfloat16 0.998 in the worst row and centred.
LIMITS: dict[str, tuple[float, float]] = {
    "float32": (0.99999, 0.9999),
    "float16": (0.999, 0.995),
    "bfloat16": (0.995, 0.98),
}
FEW_ROWS = 4  # below, the mean row is too close to each of them to be subtracted


@dataclass(frozen=True)
class Parity:
    """How close outputs are to the reference.

    Attributes:
        smallest_cosine: Over rows, in -1..1.
        centred_cosine: Mean over rows after the reference's mean row was subtracted from both: large common parts
            hide what a linear model uses. 1.0 with fewer rows than FEW_ROWS.
        largest_difference: Largest absolute difference of any value.
    """

    smallest_cosine: float
    centred_cosine: float
    largest_difference: float


def compare(reference: Array, outputs: Array) -> Parity:
    """Compare ``(B, ...)`` arrays row by row, in float64.

    Raises:
        BackendError: the shapes differ, or a value is not finite.
    """
    if reference.shape != outputs.shape:
        raise BackendError(f"outputs must have the reference's shape {reference.shape}; got {outputs.shape}.")
    if not np.isfinite(outputs).all():
        raise BackendError("outputs must be finite; some are not.")
    ours = outputs.reshape(len(outputs), -1).astype(np.float64)
    theirs = reference.reshape(len(reference), -1).astype(np.float64)
    mean = theirs.mean(axis=0)
    centred = _cosines(theirs - mean, ours - mean).mean() if len(ours) >= FEW_ROWS else 1.0
    return Parity(float(_cosines(theirs, ours).min()), float(centred), float(np.abs(ours - theirs).max()))


def _cosines(a: Array, b: Array) -> Array:
    """Cosine of each row pair; two zero rows count as equal, one zero row as orthogonal."""
    norms = np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1)
    product = norms[0] * norms[1]
    cosines = np.einsum("bd,bd->b", a, b) / np.where(product > 0, product, 1.0)
    both_zero = (norms[0] == 0) & (norms[1] == 0)
    return np.where(both_zero, 1.0, cosines)


def require_parity(reference: Array, outputs: Array, precision: str) -> Parity:
    """The parity of ``(B, ...)`` outputs within the limits of ``precision``; raises BackendError for any other."""
    parity = compare(reference, outputs)
    row, centred = LIMITS[precision]
    if parity.smallest_cosine < row or parity.centred_cosine < centred:
        raise BackendError(
            f"features in {precision} must have cosine {row} to the reference in every row and {centred} on average "
            f"after centring; got {parity.smallest_cosine:.6f} and {parity.centred_cosine:.6f}."
        )
    return parity
