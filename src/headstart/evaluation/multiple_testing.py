"""Many comparisons at once: p-values raised so that all claims together may err once in twenty times."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def holm(p_values: Sequence[float] | Floats) -> Floats:
    """``(m,)`` p-values corrected for there being m of them, in the order given.

    Holm, Scandinavian Journal of Statistics 1979. Claiming those of 0.05 or below makes one false claim or more with
    a probability of 0.05 at most (the familywise error), whichever of the m are true and however they depend on each
    other.

    >>> holm([0.01, 0.04, 0.03]).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    raised = np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p))))
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(raised, 1.0)
    return corrected
