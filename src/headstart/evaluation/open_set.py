"""How good answers are where some examples belong to no class that was learned, and should be answered "unknown"."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.evaluation.conformal_report import share


def h_score(known: float, unknown: float) -> float:
    """Harmonic mean of the share right of known examples and the share found of unknown ones.

    Fu, Cao, Long & Wang, Learning to Detect Open Classes for Universal Domain Adaptation, ECCV 2020: to answer all, or
    nothing, gives 0.

    >>> round(h_score(0.9, 0.6), 3), h_score(1.0, 0.0), h_score(0.0, 0.0)
    (0.72, 0.0, 0.0)
    """
    return 2 * known * unknown / (known + unknown) if known + unknown > 0 else 0.0


def open_set_figures(right: NDArray[np.bool_], found: NDArray[np.bool_]) -> dict[str, Any]:
    """Shares with their exact intervals, and the H-score between those of the bounds.

    Args:
        right: ``(k,)`` known examples that are answered with their class; one answered "unknown" is not.
        found: ``(u,)`` unknown examples that are answered "unknown".

    Returns:
        ``known`` and ``unknown``, intervals; ``h_score`` with ``value``, ``low`` and ``high``, of which the bounds are
        those of the H-score where both shares lie within their own; None where there is no example of either.
    """
    known, unknown = share(np.asarray(right)), share(np.asarray(found))
    both = None
    if len(right) and len(found):
        both = {name: h_score(known[name], unknown[name]) for name in ("value", "low", "high")}
    return {"known": known, "unknown": unknown, "h_score": both, "n": [len(right), len(found)]}
