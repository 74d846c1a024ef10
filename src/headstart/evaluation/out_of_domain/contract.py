"""What every detector is given and gives back, and the checks that all of them need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError
from headstart.core.learning import Targets

Floats = NDArray[np.float64]
Arrays = Mapping[str, NDArray[Any]]
LARGEST = 1e60  # squares of features, summed, stay within float64
CLASSES = frozenset({"class", "ordinal"})
ALL_KINDS = CLASSES | {"multilabel", "real"}


class Detector(Protocol):
    """Says how far out rows are; learned on rows of the domain."""

    def fit(self, features: NDArray[Any], targets: Targets | None = None) -> dict[str, Any]:
        """Learn what the domain looks like.

        Args:
            features: ``(N, D)``, finite, N and D above 0; not changed.
            targets: Of the N rows. Classes and grades are looked at one by one; other kinds, and None, as one cloud.

        Returns:
            Arrays by name, enough for :meth:`score`.

        Raises:
            ShapeError: shapes do not fit together, or a number is not finite.
            ConfigError: the detector needs classes and there are none.
        """

    def score(self, arrays: Arrays, features: NDArray[Any]) -> Floats:
        """``(n,)`` for ``(n, D)`` features, finite; higher is farther out. The scale means nothing by itself."""


def checked(features: NDArray[Any], width: int | None = None, targets: Targets | None = None) -> Floats:
    """``features`` ``(N, D)`` as float64, after the checks that ``fit`` and ``score`` promise; ``width`` must be D."""
    rows = np.asarray(features, dtype=np.float64)
    if rows.ndim != 2 or not rows.shape[1] or (width is None and not len(rows)):
        raise ShapeError(f"features must be (N, D), N and D above 0; got {rows.shape}.")
    if width is not None and rows.shape[1] != width:
        raise ShapeError(f"features must have {width} columns, as those of the fit had; got {rows.shape[1]}.")
    if targets is not None and len(targets) != len(rows):
        raise ShapeError(f"{len(rows)} rows of features need as many targets; got {len(targets)}. Take the same rows.")
    bad = int((~(np.abs(rows) < LARGEST)).any(axis=1).sum())  # NaN is not below either
    if bad:
        raise ShapeError(
            f"features must be finite numbers below {LARGEST:g} in size; {bad} of {len(rows)} rows hold others."
        )
    return rows


def groups_of(targets: Targets | None, n: int) -> NDArray[np.int64]:
    """``(N,)`` class numbers; one class for all rows where the targets are none or not classes."""
    if targets is None or targets.kind not in CLASSES:
        return np.zeros(n, np.int64)
    return np.asarray(targets.values, dtype=np.int64)
