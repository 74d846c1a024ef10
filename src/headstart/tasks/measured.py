"""Which targets are real numbers, and what must hold of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import DataError
from headstart.tasks.figures import figure
from headstart.tasks.numbers import are_measured, as_numbers
from headstart.tasks.written import as_name, number

BINS = 10  # strata of a full-sized data set
PER_BIN = 10  # examples of a stratum, at least, so that folds find some of each
SKEWED = 2.0  # skewness of an exponential distribution


def matches(targets: Iterable[Any]) -> str | None:
    """Why these targets are measured numbers, as a clause to print; None when they are not."""
    names = [as_name(value) for value in targets]
    if not names or not are_measured(names):
        return None
    return f"the targets are numbers with {len(set(names))} distinct values (--task classification takes them as names)"


def strata(targets: NDArray[Any]) -> NDArray[np.int64]:
    """``(N,)`` up to ten bins of about equally many examples; equal numbers are in one bin.

    What is no number counts as the smallest: :func:`check` has refused it before.
    """
    values = np.array([value if (value := number(as_name(t))) is not None else -np.inf for t in targets])
    bins = int(np.clip(len(values) // PER_BIN, 1, BINS))
    edges = np.sort(values)[[len(values) * k // bins for k in range(1, bins)]]
    return np.searchsorted(np.unique(edges), values, side="right").astype(np.int64)


def check(train: NDArray[Any], others: Mapping[str, NDArray[Any]]) -> None:
    """Raise DataError for a value that is no number, in any split, or training targets that are all the same.

    Args:
        train: ``(N,)`` objects as users wrote them.
        others: Likewise of each other split, by name.
    """
    values = as_numbers(train)
    if len(np.unique(values)) < 2:
        raise DataError(
            f"regression needs targets that differ; all {len(values)} training targets are "
            f"{figure(values[0]) if len(values) else 'missing'}. Check which column is the target."
        )
    for split in others:
        try:
            as_numbers(others[split])
        except DataError as error:
            raise DataError(f"in the {split} split, {error}") from None


def notes(train: NDArray[Any], others: Mapping[str, NDArray[Any]]) -> list[str]:
    """What stands out, as sentences: a skewed target, test targets beyond those of train.

    Args:
        train: ``(N,)`` objects as users wrote them.
        others: Likewise of each other split, by name.
    """
    values = as_numbers(train)
    found = []
    spread = values.std()
    skewness = float((((values - values.mean()) / spread) ** 3).mean()) if spread > 0 else 0.0
    if abs(skewness) > SKEWED:
        extreme = "largest" if skewness > 0 else "smallest"
        edge = values.max() if skewness > 0 else values.min()
        advice = " Learning their logarithm would weigh relative errors alike." if values.min() > 0 else ""
        found.append(
            f"the targets are skewed (half lie below {figure(np.median(values))}, the {extreme} is {figure(edge)}), so "
            f"a few examples decide the root mean square error.{advice}"
        )
    for split, those in others.items():
        outside = (as_numbers(those) > values.max()) | (as_numbers(those) < values.min())
        if outside.any():
            found.append(f"{int(outside.sum())} targets of the {split} split lie outside those of train")
    return found


def describe(targets: NDArray[Any]) -> str:
    """What the targets are, of ``(N,)`` objects as users wrote them, in words: "numbers from -11.6 to 1.58"."""
    values = as_numbers(targets)
    return f"numbers from {figure(values.min())} to {figure(values.max())}"
