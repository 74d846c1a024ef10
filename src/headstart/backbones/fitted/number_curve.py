"""A number as a robust score and as hat functions, out of which a linear model makes a piecewise linear curve."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Curve = dict[str, Any]  # "middle" and "spread": numbers, "knots": ascending numbers
LARGEST = 1e120  # whose square is still a number
FURTHEST = 10.0  # bound of a score


def fit_curve(values: Floats, knots: int) -> Curve:
    """Middle, spread and knots of ``values`` ``(n,)``, none of which is missing; n may be 0."""
    known = np.clip(values, -LARGEST, LARGEST)
    if not len(known):
        return {"middle": 0.0, "spread": 1.0, "knots": []}
    low, middle, high = (float(value) for value in np.quantile(known, [0.25, 0.5, 0.75]))
    spread = (high - low) / 1.349  # of a normal distribution the standard deviation
    if spread <= 0:
        spread = float(known.std()) or 1.0
    return {"middle": middle, "spread": spread, "knots": curve_knots(known, knots)}


def curve_knots(values: Floats, count: int) -> list[float]:
    """Up to ``count`` knots of ``(n,)`` values, ascending; none below 3, be it in ``count`` or in distinct values.

    Every value that fills a quantile alone is one, and so are quantiles of all others.
    """
    if count < 3:
        return []
    distinct, rows = np.unique(values, return_counts=True)
    if len(distinct) <= count:
        return [float(value) for value in distinct] if len(distinct) > 2 else []
    alone = distinct[rows * count > len(values)]
    rest = values[~np.isin(values, alone)]
    if len(rest):
        alone = np.union1d(alone, np.quantile(rest, np.linspace(0, 1, count - len(alone))))
    return [float(value) for value in alone]


def hats(values: Floats, knots: list[float]) -> Floats:
    """Piecewise linear functions ``(N, len(knots))``, each 1 at its knot and 0 at all others; flat outside."""
    at = np.array(knots)
    inside = np.clip(values, at[0], at[-1])
    return np.stack([np.interp(inside, at, unit) for unit in np.eye(len(at))], axis=1)


def curve_features(name: str, curve: Curve, values: Floats) -> Iterator[tuple[str, Floats]]:
    """Name and ``(N,)`` values of the score and of each hat, of ``(N,)`` values; NaN counts as the middle."""
    filled = np.clip(np.where(np.isnan(values), curve["middle"], values), -LARGEST, LARGEST)
    with np.errstate(over="ignore"):  # by a spread of next to nothing
        score = np.arcsinh((filled - curve["middle"]) / curve["spread"])
    yield name, np.clip(score, -FURTHEST, FURTHEST)
    if curve["knots"]:
        columns = hats(filled, curve["knots"])
        for index, knot in enumerate(curve["knots"]):
            yield f"{name}: near {knot:.6g}", columns[:, index]
