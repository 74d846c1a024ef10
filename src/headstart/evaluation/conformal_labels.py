r"""Sets of labels that hold nine in ten of the true ones: one threshold for all labels, by conformal risk control.

Angelopoulos, Bates, Fisch, Lei & Schuster, Conformal Risk Control, ICLR 2024, https://arxiv.org/abs/2208.02814. A row's
loss is the share of its true labels that its set misses, 0 for a row without labels. It rises with the threshold and is
at most 1, so the largest threshold with :math:`(n\, \bar\ell + 1) / (n + 1) \le 1 - c` misses at most a share 1 - c on
average over new rows, whatever the model.

It is one promise about a row's labels together. Conformal sets of each label alone (yes, no, or unsure) promise nothing
for a row of many labels, and most labels of small data have too few rows for one, so they are left out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ConfigError
from headstart.evaluation.conformal import COVERAGE, ROUNDING
from headstart.evaluation.multilabel import check_flags

Floats = NDArray[np.float64]


def label_threshold(probabilities: NDArray[Any], truth: NDArray[Any], kept: float = COVERAGE) -> float | None:
    """From which probability on a label is given (inclusive), so that a share ``kept`` of the true ones is, on average.

    Args:
        probabilities: ``(n, L)`` of held-out rows, 0-1; neither the model nor what calibrated them saw these rows.
        truth: ``(n, L)`` flags.
        kept: Mean share of a row's true labels that should be given, in (0, 1).

    Returns:
        None where n is too small (below 9 for 0.9).

    Raises:
        ShapeError: they are not both ``(n, L)``, n above 0.
    """
    if not 0 < kept < 1:
        raise ConfigError(f"the share of labels to keep must lie between 0 and 1; got {kept}. 0.9 is usual.")
    flags, _ = check_flags(truth, probabilities)
    allowed = (1 - kept) * (len(flags) + 1) - 1 + ROUNDING  # losses may add up to this much
    if allowed < 0:
        return None
    p = np.asarray(probabilities, dtype=np.float64)
    weight = flags / np.maximum(flags.sum(axis=1, keepdims=True), 1)
    own, cost = p[flags], weight[flags]  # a true label is missed once the threshold is above its probability
    order = np.argsort(own, kind="stable")
    lost = np.cumsum(cost[order])
    is_kept = lost > allowed
    return float(own[order][int(np.argmax(is_kept))]) if is_kept.any() else 1.0


def missed(given: NDArray[Any], truth: NDArray[Any]) -> Floats:
    """``(N,)`` share of each row's true labels that ``(N, L)`` flags miss, 0 for a row without labels."""
    t, g = check_flags(truth, given)
    return np.asarray((t & ~g).sum(axis=1) / np.maximum(t.sum(axis=1), 1), dtype=np.float64)
