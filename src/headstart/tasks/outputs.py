"""What every task asks of a model's outputs before it reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import HeadstartError, ShapeError
from headstart.core.learning import Floats, Targets


def check_outputs(outputs: Floats, width: int, targets: Targets | None = None) -> None:
    """Raise unless ``outputs`` are finite, ``(N, width)``, with as many rows as there are targets."""
    expected = (len(targets) if targets is not None else len(outputs), width)
    if outputs.shape != expected:
        raise ShapeError(f"outputs must have shape {expected}: one row per example; got {outputs.shape}.")
    if not np.isfinite(outputs).all():
        rows = np.flatnonzero(~np.isfinite(outputs).all(axis=1))
        raise HeadstartError(
            f"outputs must be finite; {len(rows)} of {len(outputs)} rows hold NaN or infinity, row {rows[0]} first. "
            "The method or runtime that computed them is at fault."
        )


def surest(is_wrong: NDArray[np.bool_], sureness: Floats, count: int) -> list[int]:
    """Rows that are wrong, the surest first, ties in order of rows.

    Args:
        is_wrong: ``(N,)``.
        sureness: ``(N,)``, of any unit, higher is surer.
        count: Rows at most.
    """
    rows = np.flatnonzero(is_wrong)
    return [int(row) for row in rows[np.argsort(-np.asarray(sureness)[rows], kind="stable")][:count]]


def probability_columns(class_names: Sequence[str]) -> tuple[str, ...]:
    """Names of the columns that hold a probability each."""
    return tuple(f"probability_{name}" for name in class_names)


def by_name(columns: Sequence[str], values: Floats) -> dict[str, Any]:
    """The columns of ``values`` ``(N, K)`` by name."""
    return {name: values[:, k] for k, name in enumerate(columns)}
