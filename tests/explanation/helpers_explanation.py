"""Models small enough to be seen through: what they answer is known for every set of units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from headstart.explanation.example import Changed, Example
from headstart.explanation.question import Question


@dataclass(frozen=True)
class Plain:
    """Units that are nothing but their numbers."""

    shape: tuple[int, ...]
    noun: str = "unit"
    reference: str = "nothing"
    repeats: int = 1

    @property
    def names(self):
        return tuple(str(k) for k in range(int(np.prod(self.shape))))

    def without(self, kept):
        return Changed((kept,))

    def picture(self):
        return None

    def pieces(self):
        return ()


@dataclass(frozen=True)
class Answering:
    """A model by a function of which units are kept, ``(n, units)`` bool to ``(n,)``; it counts what it is asked."""

    answer: Callable[[np.ndarray], np.ndarray]

    def scores(self, units, kept):
        return np.asarray(self.answer(kept.reshape(len(kept), -1)), np.float64)

    margins = scores


def asked(answer, *shape):
    """A question about such a model."""

    def no_network():
        raise AssertionError("nobody needs a network here")

    return Question(Example(()), Plain(shape), Answering(answer), no_network)


def additive(weights):
    """The sum of the weights of what is kept."""
    return lambda kept: kept @ np.asarray(weights, np.float64)
