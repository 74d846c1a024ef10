"""What an adapter may look at: labelled rows of the domain it comes from, rows without labels of the one it goes to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from headstart.core.errors import DataError, ShapeError
from headstart.core.learning import Fitted, Floats, Ints, Targets

CLASSES = frozenset({"class", "ordinal"})


@dataclass(frozen=True)
class Labeled:
    """Rows of the source domain.

    Attributes:
        features: ``(n, D)``, an array or a ``scipy.sparse.csr_array``.
        targets: Of the n rows.
        groups: ``(n,)``: rows of one group are held out together.
        fresh: ``(n,)``: rows that whatever computes the features did not learn from.
        origin: ``(n,)`` number of the source domain that a row is of, where there are several; None: it is one.
    """

    features: Any
    targets: Targets
    groups: Ints
    fresh: NDArray[np.bool_]
    origin: Ints | None = None

    def __len__(self) -> int:
        return len(self.targets)

    def take(self, rows: NDArray[Any]) -> Labeled:
        """Some rows: an index array or a boolean mask."""
        origin = None if self.origin is None else self.origin[rows]
        return Labeled(self.features[rows], self.targets.take(rows), self.groups[rows], self.fresh[rows], origin)


@dataclass(frozen=True)
class Unlabeled:
    """Rows of the target domain. There is no field for targets: they cannot leak.

    Attributes:
        features: ``(m, D)``.
    """

    features: Any

    def __len__(self) -> int:
        return int(self.features.shape[0])

    def take(self, rows: NDArray[Any]) -> Unlabeled:
        """Some rows: an index array or a boolean mask."""
        return Unlabeled(self.features[rows])


@dataclass(frozen=True)
class Domains:
    """One domain to come from, one to go to.

    Attributes:
        source: Labelled rows; None where the data of the run are not there any more.
        target: Rows without labels.
        start: ``(m, K)`` calibrated outputs of the model as it is, of the target's rows.
        held_out: ``(h, K)`` calibrated outputs of the model as it is, of source rows it did not learn from.
        held_out_targets: Of those h rows.
        head: The model's own, without its calibration.
        present: ``(K,)`` classes that the target has, see ``label_sets/present.py``; None: all.
        path: Rows without labels between the two domains, window by window, the nearest to the source first.
    """

    source: Labeled | None
    target: Unlabeled
    start: Floats
    held_out: Floats
    held_out_targets: Targets
    head: Fitted
    present: NDArray[np.bool_] | None = None
    path: tuple[Unlabeled, ...] = ()

    def __post_init__(self) -> None:
        m, k = self.start.shape
        if len(self.target) != m or self.held_out.shape != (len(self.held_out_targets), k):
            raise ShapeError(
                f"outputs must have one row for each example; got {self.start.shape} for {len(self.target)} target "
                f"rows and {self.held_out.shape} for {len(self.held_out_targets)} held-out rows."
            )
        if self.held_out_targets.kind not in CLASSES:
            raise DataError(
                f"only models that tell classes can be adapted without labels; these targets are of the kind "
                f"{self.held_out_targets.kind!r}. Label some of the new examples: headstart fit --update RUN --add THEM"
            )

    @property
    def classes(self) -> int:
        """K."""
        return int(self.start.shape[1])

    @property
    def is_several(self) -> bool:
        """Whether the source rows are known to come from more than one domain."""
        return self.source is not None and self.source.origin is not None and len(np.unique(self.source.origin)) > 1

    @property
    def is_ordered(self) -> bool:
        """Whether there is a path to the target."""
        return len(self.path) > 0

    @property
    def is_dense(self) -> bool:
        """Whether distances and covariances of the features can be computed: an array without missing values."""
        parts = [self.target.features, *([] if self.source is None else [self.source.features])]
        return not any(issparse(each) for each in parts) and all(bool(np.isfinite(each).all()) for each in parts)

    def learning_from(self, rows: NDArray[Any]) -> Domains:
        """With some of the source rows alone."""
        assert self.source is not None  # noqa: S101 - asked where there is a source
        return replace(self, source=self.source.take(rows))
