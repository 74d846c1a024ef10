"""A gradient that changes its sign on the way back, and how its strength grows.

Ganin et al., JMLR 17, 2016, arXiv:1505.07818: what is behind it learns to tell the domains apart, what is before it
learns that they cannot be told apart.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

STEEPNESS = 10.0  # of the paper


def reversed_gradient(values: Tensor, strength: float) -> Tensor:
    """The same values, of any shape, whose gradient comes back times ``-strength``."""
    same = values.view_as(values)
    if same.requires_grad:
        same.register_hook(lambda gradient: -strength * gradient)  # type: ignore[no-untyped-call]  # torch has no types here
    return same


def ramp(progress: float) -> float:
    """From 0 at the start to about 1 at the end: noisy alignments must not move the network at first.

    Args:
        progress: Share of the training that is done, 0 to 1.

    >>> ramp(0.0), round(ramp(0.5), 3)
    (0.0, 0.987)
    """
    return 2.0 / (1.0 + math.exp(-STEEPNESS * progress)) - 1.0
