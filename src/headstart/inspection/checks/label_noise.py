r"""How many labels are wrong, told apart from what a probe does not know.

A label is right with the probability that the probe gives it, or was moved from another class c to y:

.. math:: P(y) = (1 - f) \, q_y + f \sum_{c \ne y} q_c \, m(y \mid c), \qquad q = \mathrm{softmax}(\log(p) / T)

The temperature T (Guo and others, ICML 2017, arXiv:1706.04599) takes up that a probe is too sure, or not sure enough
because wrong labels taught it doubt; f is the share that was moved. Both are those under which the labels are
likeliest. Labels move in one of two ways m, the likelier one counts: to every class alike, as slips do (Angluin &
Laird, Machine Learning 2, 1988, doi:10.1007/BF00116829), or to classes that look alike, as mistakes of people do, by
the probe's probabilities at twice the temperature.

Whether there is noise at all is told by twice the logarithm of how much likelier the labels are than with f = 0, which
without noise exceeds a bound half as often as chi-squared with one degree of freedom (Self & Liang, JASA 82, 1987,
doi:10.1080/01621459.1987.10478472), and at most twice as often for the better of two.

Of 14 sets (pictures, texts, recordings, tables) whose labels were left as they are the evidence is at most 9, also
where a probe is right in only 62 %. With 5 % moved to any class in six of them it is 44 and more, with 5 % moved to the
class that is most alike in four of them 20 and more, and the estimated share is 3.5 to 7.4 %.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.stats import chi2

from headstart.core.learning import Floats, Ints

MOST_CELLS = 2_000_000  # rows times classes that temperature and share are found on
TEMPERATURES = (0.1, 10.0)
ALIKE = 2.0  # times the temperature, for classes that look alike
LEAST = 1e-12  # probability
HALVINGS = 40  # of the range 0..1 of the share: more precise than any data
SHARPNESS = 1e-3  # of the logarithm of the temperature
MISSED = 2.0  # how many times as bad it is to miss a wrong label as to look at a right one: the beta of F-beta
WAYS = 2


@dataclass(frozen=True)
class Noise:
    """What was found of N labels.

    Attributes:
        share: Estimated share of wrong labels, 0-1.
        evidence: Twice the log-likelihood ratio of noise against none, from 0.
        wrong: ``(N,)`` probability that each label is wrong.
    """

    share: float
    evidence: float
    wrong: Floats

    def is_clear(self, chance: float) -> bool:
        """Whether so much evidence comes less often than by ``chance`` where no label is wrong."""
        return bool(self.evidence >= chi2.isf(chance / WAYS, 1))

    def likely_wrong(self) -> NDArray[np.bool_]:
        """``(N,)`` flags: those most probably wrong, as many as are best by the F2 score that is expected."""
        order = np.argsort(-self.wrong, kind="stable")
        hits = np.cumsum(self.wrong[order])  # expected among the first
        chosen = np.zeros(len(order), bool)
        if not len(hits) or hits[-1] <= 0:
            return chosen
        score = hits / (np.arange(1, len(order) + 1) + MISSED**2 * hits[-1])  # (1 + beta^2) left out
        chosen[order[: int(score.argmax()) + 1]] = True
        return chosen


def label_noise(labels: Ints, probabilities: Floats, rng: np.random.Generator) -> Noise:
    """Estimate it.

    Args:
        labels: ``(N,)``, classes 0..K-1.
        probabilities: ``(N, K)``, K at least 2, each from a model that did not see the row; rows sum to 1.
        rng: Draws rows where there are very many.
    """
    n, width = probabilities.shape
    most = max(1, MOST_CELLS // width)
    drawn = np.arange(n) if n <= most else rng.choice(n, most, replace=False)
    some = _Labels(labels[drawn], np.log(np.maximum(probabilities[drawn], LEAST)))
    plain, _ = _best(lambda heat: _loss(some.right(heat)))
    ways: list[Way] = [_moved_anywhere] if width == 2 else [_moved_anywhere, _moved_to_alike]
    loss, heat, way = min((_best_of(some, way) for way in ways), key=lambda each: each[0])
    share = _fitted(some, heat, way)[1]
    every = _Labels(labels, np.log(np.maximum(probabilities, LEAST)))
    moved = share * way(every, heat)
    wrong = moved / np.maximum(moved + (1 - share) * every.right(heat), LEAST)
    return Noise(share, max(0.0, 2 * (plain - loss)), wrong)


@dataclass(frozen=True)
class _Labels:
    """``(N,)`` labels and the ``(N, K)`` logarithms of what a probe says."""

    labels: Ints
    logs: Floats

    def at(self, heat: float) -> Floats:
        """``(N, K)`` probabilities at the temperature whose logarithm is ``heat``."""
        logits = self.logs / np.exp(heat)
        weights = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    def right(self, heat: float) -> Floats:
        """``(N,)`` probabilities of the labels, if none was moved."""
        return self.own(self.at(heat))

    def own(self, values: Floats) -> Floats:
        """``(N,)`` of ``(N, K)``: those of the labels."""
        return np.asarray(np.maximum(values[np.arange(len(self.labels)), self.labels], LEAST))


Way = Callable[[_Labels, float], Floats]  # (N,) probabilities of the labels, if each was moved


def _moved_anywhere(some: _Labels, heat: float) -> Floats:
    return np.asarray(np.maximum((1 - some.right(heat)) / (some.logs.shape[1] - 1), LEAST))


def _moved_to_alike(some: _Labels, heat: float) -> Floats:
    truth, alike = some.at(heat), some.at(heat + np.log(ALIKE))
    from_each = truth / np.maximum(1 - alike, LEAST)  # what a class takes is shared out among the others
    others = from_each.sum(axis=1) - some.own(from_each)
    return np.asarray(np.maximum(some.own(alike) * others, LEAST))


def _best_of(some: _Labels, way: Way) -> tuple[float, float, Way]:
    return *_best(lambda heat: _fitted(some, heat, way)[0]), way


def _loss(likelihoods: Floats) -> float:
    return -float(np.log(likelihoods).sum())


def _fitted(some: _Labels, heat: float, way: Way) -> tuple[float, float]:
    """Loss at the best share, and that share: where the derivative, which only falls, is 0."""
    right = some.right(heat)
    difference = way(some, heat) - right

    def slope(share: float) -> float:
        return float((difference / (right + share * difference)).sum())

    low, high = 0.0, 1.0
    if slope(low) <= 0:
        high = 0.0
    for _ in range(HALVINGS if high else 0):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return _loss(right + low * difference), low


def _best(loss: Callable[[float], float]) -> tuple[float, float]:
    """Smallest loss over the temperatures, and the logarithm of its place."""
    bounds = tuple(np.log(TEMPERATURES))
    found = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": SHARPNESS})
    return float(found.fun), float(found.x)
