r"""What would more labels give? A power law through a few measured points, and its forecast.

:math:`\text{err}(n) = a\,n^{-b} + c` with :math:`a, c \ge 0` (Cortes et al., NIPS 1993; Hestness et al., 2017).
Three to six noisy points do not pin down three parameters, so none is picked: the curve is averaged over a grid of
exponents b and floors c, each weighted by how well it fits, with a integrated out. The forecast is the median of that
average, its interval the 2.5 % and 97.5 % points. The errors of the points are taken as independent between sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.evaluation.intervals import interval
from headstart.evaluation.proportions import HALVINGS, TAIL

Floats = NDArray[np.float64]
MIN_SIZES = 3  # distinct sizes below which a curve cannot be told from a line
MIN_RANGE = 2.0  # largest over smallest size: less says nothing about doubling
EXPONENTS = np.linspace(0.05, 2.0, 40)  # of measured curves, most lie in 0.1-1
FLOORS = np.linspace(0.0, 1.0, 81) ** 2  # as a share of the smallest error; denser near 0, where most curves end
BELOW_ZERO = ("qwk",)  # metrics that reach down to -1
SHARED_ROWS = 1.25  # folds share training rows, so their spread understates the error of a mean; ours, by simulation


def learning_curve(
    metric: str, sizes: Sequence[int], values: Sequence[Sequence[float]], *, lower_is_better: bool = False
) -> dict[str, Any]:
    """The ``learning_curve`` section of evidence.json.

    Args:
        metric: Its name, passed through.
        sizes: Numbers of labelled examples, ascending, one per point.
        values: For each size the metric on each fold (or repetition).
        lower_is_better: The metric is an error, 0 is perfect and its unit is any; else 1 is perfect, and what is
            missing to 1 is the error.

    Returns:
        ``{"metric", "lower_is_better", "points": [{"n", "value", "low", "high", "level"}], "forecast": {"n", ...} |
        None, "note"}``; the forecast is for twice the largest size, "note" says what it rests on or why there is none.
    """
    bounds = (0.0, np.inf) if lower_is_better else (-1.0, 1.0) if metric in BELOW_ZERO else (0.0, 1.0)
    points = [{"n": int(n), **mean_of_folds(folds, bounds)} for n, folds in zip(sizes, values, strict=True)]
    found = {"metric": metric, "lower_is_better": lower_is_better, "points": points, "forecast": None}
    if problem := _cannot(sizes, values):
        return {**found, "note": problem}
    n = 2 * int(sizes[-1])
    errors = [np.asarray(folds, float) if lower_is_better else 1 - np.asarray(folds, float) for folds in values]
    scale = max(float(folds.mean()) for folds in errors) or 1.0 if lower_is_better else 1.0  # free of the unit
    fitted = forecast_error(np.asarray(sizes, float), [folds / scale for folds in errors], n)
    if lower_is_better:
        low, middle, high = (scale * error for error in fitted)
    else:
        high, middle, low = (1 - min(1 - bounds[0], error) for error in fitted)
    note = f"a power law through {len(sizes)} sizes, carried on to {n} examples"
    return {**found, "forecast": {"n": n, **interval(middle, (low, high))}, "note": note}


def mean_of_folds(folds: Sequence[float], bounds: tuple[float, float] = (0.0, 1.0)) -> dict[str, Any]:
    """Mean and Student's interval over folds, cut at ``bounds``; folds share training rows, so it is a little short."""
    from scipy.special import stdtrit

    x = np.asarray(folds, dtype=np.float64)
    if len(x) < 2:
        return interval(float(x.mean()), None, "one fold alone shows no spread")
    reach = float(stdtrit(len(x) - 1, 1 - TAIL)) * float(x.std(ddof=1)) / np.sqrt(len(x))
    mean = float(x.mean())
    return interval(mean, (max(bounds[0], mean - reach), min(bounds[1], mean + reach)))


def forecast_error(sizes: Floats, errors: Sequence[Floats], n: float) -> tuple[float, float, float]:
    """``(low, median, high)`` of the error expected at ``n`` examples.

    Args:
        sizes: ``(P,)`` ascending.
        errors: For each size ``(F,)`` errors >= 0.
        n: Above the largest size.
    """
    from scipy.special import ndtr

    means = np.array([folds.mean() for folds in errors])
    spread = _standard_errors(errors)
    floors = FLOORS * float((means + 2 * spread).min())
    exponent, floor = (grid.ravel() for grid in np.meshgrid(EXPONENTS, floors, indexing="ij"))  # (G,)
    shape = (sizes / sizes[-1]) ** -exponent[:, None]  # (G, P); relative sizes keep a in the unit of the error
    rest = (means - floor[:, None]) / spread
    slope = shape / spread
    precision = (slope**2).sum(axis=1)  # of a, given b and c
    scale = (slope * rest).sum(axis=1) / precision
    deviation = 1 / np.sqrt(precision)
    misfit = ((rest - scale[:, None] * slope) ** 2).sum(axis=1)
    far = (n / sizes[-1]) ** -exponent
    positive = ndtr(scale / deviation)  # share of a's distribution above 0
    weight = np.exp(-(misfit - misfit.min()) / 2) * deviation * positive
    return _quantiles(weight / weight.sum(), floor, far * scale, far * deviation, positive)


def _quantiles(
    weight: Floats, floor: Floats, center: Floats, deviation: Floats, positive: Floats
) -> tuple[float, float, float]:
    """Points of a mixture of normals, each cut at 0 and moved up by its floor."""
    from scipy.special import ndtr

    def below(x: float) -> float:
        inside = (ndtr((x - floor - center) / deviation) - (1 - positive)) / np.maximum(positive, 1e-300)
        return float((weight * np.where(x > floor, np.clip(inside, 0, 1), 0)).sum())

    found = []
    for share in (TAIL, 0.5, 1 - TAIL):
        low, high = 0.0, float((floor + np.maximum(center, 0) + 9 * deviation).max())
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if below(middle) < share else (low, middle)
        found.append((low + high) / 2)
    return found[0], found[1], found[2]


def _standard_errors(errors: Sequence[Floats]) -> Floats:
    """``(P,)`` of the means, from the variance over folds, pooled between sizes as a multiple of the error."""
    means = np.array([float(folds.mean()) for folds in errors])
    freedom = sum(len(folds) - 1 for folds in errors)
    # Errors of a proportion vary with the root of their mean; pooling that ratio beats five folds' own spread.
    squares = sum(float(((folds - folds.mean()) ** 2).sum()) / max(folds.mean(), 1e-4) for folds in errors)
    ratio = max(squares / freedom, 1e-6)  # about 1 / (examples in a fold)
    # Half an example more keeps a point without any error from claiming to be exact.
    return np.asarray(SHARED_ROWS * np.sqrt(ratio * (means + ratio / 2) / [len(folds) for folds in errors]))


def _cannot(sizes: Sequence[int], values: Sequence[Sequence[float]]) -> str:
    if len(sizes) < MIN_SIZES or len(set(sizes)) < len(sizes):
        return f"no forecast: it takes {MIN_SIZES} or more different sizes; there are {len(set(sizes))}"
    if list(sizes) != sorted(sizes) or sizes[0] < 1 or sizes[-1] < MIN_RANGE * sizes[0]:
        return f"no forecast: the largest size must be at least {MIN_RANGE:g} times the smallest"
    if any(len(folds) < 2 for folds in values):
        return "no forecast: one fold alone shows no spread"
    return ""
