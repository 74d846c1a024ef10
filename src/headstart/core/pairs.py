"""Features put side by side; of two paired texts also how they differ and where they agree.

``[u, v, |u - v|, u * v]`` is how a model of single sentences is asked about two of them: Conneau et al., EMNLP 2017,
arXiv:1705.02364; Reimers & Gurevych, EMNLP 2019, arXiv:1908.10084.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from headstart.core.schema import InputSchema

Matrix = Any  # (N, D) float32 array, or scipy.sparse.csr_array
Stretch = tuple[int | None, Matrix]  # features of a part, by its number; None: of the plain columns


def combined(stretches: Sequence[Stretch], schema: InputSchema) -> Matrix:
    """All features side by side, ``(N, D)`` float32; sparse as soon as one stretch is.

    A part that is paired with the next one gets, after both, the absolute difference and the product of the two.
    """
    matrices: list[Matrix] = []
    for place, (part, matrix) in enumerate(stretches):
        matrices.append(matrix)
        before = stretches[place - 1] if place else None
        is_second = before is not None and part is not None and before[0] == part - 1 and schema.parts[part - 1].paired
        if is_second and before is not None:
            matrices += [abs(before[1] - matrix), before[1] * matrix]
    if len(matrices) == 1:
        return matrices[0]
    if all(isinstance(matrix, np.ndarray) for matrix in matrices):
        return np.concatenate(matrices, axis=1, dtype=np.float32)
    from scipy import sparse

    return sparse.hstack([sparse.csr_array(matrix) for matrix in matrices], format="csr", dtype=np.float32)
