"""Figures of several domains, each taken while it was held out: mean, worst, and which of several models to take.

The domain is the unit: what is asked is how a model does in a domain that nobody has seen, and a thousand more examples
of the same domains say nothing more about that. If a new domain is as likely to be any of D + 1 places in an order as
those that are there (exchangeable), it is below the worst of D with a probability of 1 / (D + 1), whatever the
distribution. Gulrajani & Lopez-Paz, ICLR 2021, arXiv:2007.01434, compare ways of choosing: what is chosen by
leave-one-domain-out is chosen for the question that is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from headstart.core.learning import Floats, Ints

LEVEL = 0.95
FEWEST = 3  # domains below which nothing is preferred to the plain model: a difference has no spread to be held against


def mean_over(values: Floats, *, least: float = -np.inf, most: float = np.inf) -> dict[str, Any]:
    """Mean of ``(D,)`` figures with the t interval over domains, kept within what the figure can be.

    >>> found = mean_over(np.array([0.7, 0.8, 0.9]))
    >>> [round(found[key], 3) for key in ("value", "low", "high")]
    [0.8, 0.552, 1.048]
    """
    value = float(np.mean(values))
    if len(values) < 2:
        return {"value": value, "low": None, "high": None, "level": LEVEL}
    from scipy.stats import t

    away = float(t.ppf((1 + LEVEL) / 2, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)))
    return {"value": value, "low": max(value - away, least), "high": min(value + away, most), "level": LEVEL}


def chance_below_the_worst(domains: int) -> float:
    """Probability that a new domain is worse than each of so many: 1 / (D + 1)."""
    return 1 / (domains + 1)


@dataclass(frozen=True)
class Preferred:
    """Which of several models to take.

    Attributes:
        index: 0 is the plain one.
        gains: ``(M,)`` mean over domains of the plain model's loss minus each one's; NaN of none.
        errors: ``(M,)`` standard errors of these over domains; NaN of fewer than two.
    """

    index: int
    gains: Floats
    errors: Floats


def preferred(losses: Floats) -> Preferred:
    """The model of smallest mean loss over domains, if the plain one is behind it by more than a standard error.

    Args:
        losses: ``(M, D)`` mean losses of M models in D domains that were held out, the plain one first.

    >>> preferred(np.array([[1.0, 1.2, 1.1], [0.9, 1.0, 1.0], [0.5, 1.9, 1.0]])).index
    1
    """
    off, count = losses[0] - losses, losses.shape[1]
    gains = off.mean(axis=1) if count else np.full(len(losses), np.nan)
    errors = np.std(off, axis=1, ddof=1) / np.sqrt(count) if count > 1 else np.full(len(losses), np.nan)
    if count < FEWEST:
        return Preferred(0, gains, errors)
    is_clear = gains > errors
    return Preferred(int(np.argmax(np.where(is_clear, gains, 0.0))), gains, errors)


def preferred_elsewhere(losses: Floats) -> Ints:
    """``(D,)`` the model that is preferred by the other domains alone; arguments as of :func:`preferred`.

    What a choice is worth is seen in a domain that had no say in it.
    """
    count = losses.shape[1]
    return np.array([preferred(np.delete(losses, each, axis=1)).index for each in range(count)], dtype=np.int64)
