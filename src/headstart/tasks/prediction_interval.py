r"""How far a prediction may be off: a width that held-out errors stayed within 90 times in 100.

Split conformal prediction (Lei et al., JASA 2018) takes the :math:`\lceil (n+1)(1-\alpha) \rceil`-th smallest of n
absolute errors of examples that the model did not see. Here these errors come from cross-validation and the model that
predicts is refitted on all examples (the "CV" variant without plus in Barber et al., Annals of Statistics 2021): it
covers about as often where a refit changes predictions little, without that being guaranteed. Measured coverage on the
test split stands beside it as ``interval_coverage``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

COVERAGE = 0.9


def half_width(errors: NDArray[Any], coverage: float = COVERAGE) -> float | None:
    """Half the width of every prediction interval, in the unit of the target.

    Args:
        errors: ``(n,)`` of held-out examples, signed or not.
        coverage: Share of new examples that should fall inside, in (0, 1).

    Returns:
        None where n is too small for the share (below 9 for 0.9).

    >>> half_width(np.arange(1, 10)), half_width(np.arange(1, 9))
    (9.0, None)
    """
    sizes = np.sort(np.abs(np.asarray(errors, dtype=np.float64)))
    rank = math.ceil((len(sizes) + 1) * coverage - 1e-9)
    return float(sizes[rank - 1]) if 0 < rank <= len(sizes) else None
