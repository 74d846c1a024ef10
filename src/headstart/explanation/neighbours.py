"""Training examples beside an input: the nearest in the model's features, and the nearest with another answer.

The second is a counterfactual that exists: what is most like the input and is answered otherwise (Wachter et al.,
Harvard JOLT 2018, arXiv:1711.00399, ask for the smallest change that changes the answer; Delaney, Greene & Keane,
ICCBR 2021, arXiv:2009.13211, begin from the nearest unlike neighbour, which is taken here as it is).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Neighbours:
    """Training examples in feature space.

    Attributes:
        features: ``(N, D)`` dense.
        ids, targets: N each, targets as users wrote them.
        predictions: N, of the model.
        count: Nearest to name.
    """

    features: NDArray[np.floating[Any]]
    ids: Sequence[str]
    targets: Sequence[str | None]
    predictions: Sequence[Any]
    count: int

    def of(self, features: NDArray[np.floating[Any]], prediction: Any) -> dict[str, Any]:
        """The nearest of one example, features ``(1, D)``, and the nearest that is predicted otherwise.

        None where all are predicted alike, and of numbers, where every prediction is another.
        """
        closeness = closeness_of(features, self.features)
        order = np.argsort(-closeness, kind="stable")
        nearest = [self._named(int(row), closeness) for row in order[: self.count]]
        others = () if isinstance(prediction, float) else (r for r in order if self.predictions[int(r)] != prediction)
        otherwise = next((self._named(int(row), closeness) for row in others), None)
        return {"nearest": nearest, "otherwise": otherwise, "why_not": None}

    def _named(self, row: int, closeness: NDArray[np.float64]) -> dict[str, Any]:
        prediction = self.predictions[row]
        return {
            "id": self.ids[row],
            "target": self.targets[row],
            "prediction": prediction,
            "closeness": float(closeness[row]),
        }


def closeness_of(features: NDArray[np.floating[Any]], of: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """``(N,)`` cosines, -1 to 1, of ``(1, D)`` with ``(N, D)``, both less the mean of the N and by its spread.

    A feature that is the same for all N has no part in it.
    """
    known = np.asarray(of, np.float64)
    spread = known.std(axis=0)
    used = spread > 1e-9 * max(float(spread.max(initial=0.0)), 1e-300)
    middle = known[:, used].mean(axis=0)
    ours = (np.asarray(features, np.float64)[0, used] - middle) / spread[used]
    theirs = (known[:, used] - middle) / spread[used]
    lengths = np.linalg.norm(theirs, axis=1) * np.linalg.norm(ours)
    return np.asarray(theirs @ ours / np.where(lengths > 0, lengths, 1.0))
