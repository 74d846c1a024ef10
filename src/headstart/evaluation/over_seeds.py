r"""A metric over several seeds: its mean, how much single runs spread, and an interval over seeds and data.

Two situations. Where all seeds are tested on the same examples, chance comes from the seeds and from the examples; the
mean's variance is about :math:`s_{seeds}^2 / J + s_{examples}^2 / N`, the second of each example's mean over the seeds.
That counts the chance of a seed on an example twice, which errs on the wide side. Where each seed draws a test of its
own from the same data, the runs are not independent, and the variance of their mean is about
:math:`(1 / J + n_{test} / n_{train})\, s^2` (the corrected resampled t-test, Nadeau & Bengio, Machine Learning 2003).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import ShapeError
from headstart.evaluation.proportions import TAIL


@dataclass(frozen=True)
class OverSeeds:
    """Mean and bounds over seeds and data; ``spread`` is the standard deviation of single runs.

    ``low`` and ``high`` are None where nothing varies.
    """

    mean: float
    spread: float
    low: float | None
    high: float | None


def same_test(scores: NDArray[Any]) -> OverSeeds:
    """Of scores ``(J, N)``: J seeds, 2 or more, on the same N examples; a row's mean is its metric."""
    each = np.asarray(scores, dtype=np.float64)
    if each.ndim != 2 or each.shape[0] < 2 or each.shape[1] < 2:
        raise ShapeError(f"scores must be (J, N), 2 seeds and 2 examples or more; got shape {each.shape}.")
    seeds, examples = each.mean(axis=1), each.mean(axis=0)
    parts = np.array([seeds.var(ddof=1) / len(seeds), examples.var(ddof=1) / len(examples)])
    freedom = np.array([len(seeds) - 1, len(examples) - 1])
    return _bounded(float(each.mean()), float(seeds.std(ddof=1)), parts, freedom)


def own_tests(values: NDArray[Any], test_per_train: float) -> OverSeeds:
    """Of metrics ``(J,)``, each on a test drawn anew; ``test_per_train`` is test examples per training example."""
    each = np.asarray(values, dtype=np.float64)
    if each.ndim != 1 or len(each) < 2:
        raise ShapeError(f"values must be (J,), 2 seeds or more; got shape {each.shape}.")
    variance = each.var(ddof=1)
    parts = np.array([(1 / len(each) + test_per_train) * variance])
    return _bounded(float(each.mean()), float(np.sqrt(variance)), parts, np.array([len(each) - 1]))


def _bounded(mean: float, spread: float, parts: NDArray[np.float64], freedom: NDArray[np.int64]) -> OverSeeds:
    """Student's interval with the degrees of freedom of Satterthwaite (Biometrics Bulletin 1946)."""
    from scipy.special import stdtrit

    total = float(parts.sum())
    if total <= 0:
        return OverSeeds(mean, spread, None, None)
    degrees = total**2 / float((parts**2 / freedom).sum())
    reach = float(stdtrit(degrees, 1 - TAIL)) * total**0.5
    return OverSeeds(mean, spread, mean - reach, mean + reach)
