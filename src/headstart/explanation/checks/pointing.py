"""Planted evidence: where it is known what decides, does the maximum of the map lie there?

The pointing game of Zhang et al., Top-down Neural Attention by Excitation Backprop, ECCV 2016, arXiv:1608.00507.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def points_at(values: NDArray[np.float64], planted: NDArray[np.bool_]) -> bool:
    """Whether the largest figure belongs to a unit that holds planted evidence; both of one shape.

    A map that is the same everywhere points nowhere.
    """
    if values.min() == values.max():
        return False
    return bool(planted.reshape(-1)[np.argmax(values.reshape(-1))])
