"""An aspect's average in each of several groups, with limits of any level."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from headstart.evaluation.fairness.aspects import Aspect
from headstart.evaluation.mean_loss import mean_interval
from headstart.evaluation.proportions import clopper_pearson

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Estimates:
    """G groups that have no example in common, in one aspect.

    Attributes:
        aspect: What is averaged.
        members: G arrays with the values of those examples of a group that the aspect is about.
    """

    aspect: Aspect
    members: tuple[Floats, ...]

    @classmethod
    def of(cls, aspect: Aspect, code: Ints, count: int) -> Estimates:
        """Groups 0..count-1 by ``code`` ``(N,)``; other numbers are in none of them."""
        return cls(aspect, tuple(aspect.values[aspect.counts & (code == group)] for group in range(count)))

    def take(self, which: NDArray[np.int64]) -> Estimates:
        """Some of the groups, by their numbers ``(g,)``."""
        return Estimates(self.aspect, tuple(self.members[group] for group in which))

    @cached_property
    def n(self) -> Ints:
        """``(G,)`` examples that count."""
        return np.array([len(values) for values in self.members], dtype=np.int64)

    @cached_property
    def sums(self) -> Floats:
        """``(G,)``; of a rate, how often it happened."""
        return np.array([values.sum() for values in self.members], dtype=np.float64)

    @cached_property
    def value(self) -> Floats:
        """``(G,)``; NaN where no example counts."""
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = self.sums / self.n
        return np.sqrt(mean) if self.aspect.form == "root_mean" else np.asarray(mean)

    def limits(self, tail: float) -> tuple[Floats, Floats]:
        """``(low, high)``, ``(G,)`` each, that miss on each side with a probability of ``tail``.

        Rates: exact. Means and their roots: a t interval corrected for skewness; NaN where there is none, as where all
        values are the same.
        """
        if self.aspect.form == "rate":
            return clopper_pearson(self.sums, self.n, tail)
        floor = 0.0 if self.aspect.form == "root_mean" else -np.inf
        bounds = [mean_interval(values, tail, floor) if len(values) > 1 else None for values in self.members]
        both = np.array([(np.nan, np.nan) if each is None else each for each in bounds], dtype=np.float64)
        both = both.reshape(len(self.members), 2)
        if self.aspect.form == "root_mean":
            both = np.sqrt(both)
        return both[:, 0], both[:, 1]
