"""What every mitigation is given, and what it promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import DataError, ShapeError
from headstart.core.learning import Floats, Ints, Solution, SolveMethod, Targets

UNKNOWN = -1  # group number of an example whose group is not known


@dataclass(frozen=True)
class Grouped:
    """Training rows, and who each of them is about.

    Attributes:
        features: ``(N, D)``.
        targets: Of the N rows.
        groups: ``(N,)`` int64 group numbers from 0, or UNKNOWN.
        folds: ``(N,)`` fold numbers or NEVER_HELD_OUT.
        weights: ``(N,)`` or None: what rows weigh before anything is mitigated.
        fresh: ``(N,)`` rows that the features were not trained on; None where that is all of them, as with a frozen
            network.
    """

    features: Floats
    targets: Targets
    groups: Ints
    folds: Ints
    weights: Floats | None = None
    fresh: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        n = len(self.targets)
        if self.groups.shape != (n,) or self.groups.dtype.kind not in "iu":
            raise ShapeError(
                f"groups must be ({n},) integers; got shape {self.groups.shape} of {self.groups.dtype}. Number them."
            )
        if self.groups.min(initial=0) < UNKNOWN:
            raise DataError(f"group numbers must be 0 or more, or {UNKNOWN} (unknown); got {self.groups.min()}.")
        if len(np.unique(self.groups[self.groups >= 0])) < 2:
            raise DataError("a mitigation needs two groups with training examples; got fewer. Name another column.")
        if self.fresh is not None and (self.fresh.shape != (n,) or not self.fresh.any()):
            raise ShapeError(f"fresh must be ({n},) flags, some of them true; got shape {self.fresh.shape}.")

    @property
    def row_weights(self) -> Floats:
        """``(N,)``, ones where none were given."""
        return np.ones(len(self.targets)) if self.weights is None else np.asarray(self.weights, dtype=np.float64)


class Mitigation(Protocol):
    """A way to a model that serves its worst-off group better."""

    def fit(self, given: Grouped, method: SolveMethod, rng: np.random.Generator) -> Solution:
        """Solve on all rows; ``out_of_fold`` is ``(N, W)`` float64, each row's from a model that did not see it.

        Args:
            given: The rows.
            method: What the plain model was solved with.
            rng: The only source of chance.

        Raises:
            DataError: fewer than two groups, or targets of another kind than the plugin's ``targets``.
            ConfigError: the method is none that this mitigation can work with.
        """
