"""Which target rows belong to none of the classes: those of which a head knows markedly less than of the others.

How much a head knows of a row is the cross-entropy of its answer from answers that know nothing. Where classes are
there that were not learned, target rows are of two kinds, and two normal distributions describe how much is known of
them better than one (as a threshold from a mixture in ROS, Bucci, Loghmani & Tommasi, ECCV 2020, arXiv:2007.12360, and
from two components in Arazo and others, ICML 2019). A threshold that was learned in the old domain would not do: there
heads know more of every row. Where the two kinds are not plain to see, hardly a row is called unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.learning import Floats

STEPS, CLOSE = 300, 1e-6
FEWEST = 30  # target rows for a mixture
# Ours; looked up before the benchmark was written, on other draws of classes of its sets.
BETTER = 10.0  # difference of the criterion of Schwarz (1978) that Kass & Raftery (1995) call very strong
APART = 2.2  # distance of the means in spreads; Ashman, Bird & Zepf (1994): above 2 for two kinds to be seen
MOST = 0.5  # share of unknown rows: were they the majority, known and unknown could not be told from each other
FALSE = 0.05  # share of rows called unknown at most, where no second kind is seen
GRID = 400


@dataclass(frozen=True)
class Mixture:
    """Two normal distributions, the lower first.

    Attributes:
        shares, means, spreads: ``(2,)``.
        better: Difference of Schwarz's criterion to one distribution; above 0: two are better.
    """

    shares: Floats
    means: Floats
    spreads: Floats
    better: float

    @property
    def apart(self) -> float:
        """Distance of the means over the root of the mean variance."""
        return float((self.means[1] - self.means[0]) / np.sqrt((self.spreads**2).mean()))

    @property
    def border(self) -> float:
        """Where the upper distribution becomes the likelier one, between the means."""
        values = np.linspace(self.means[0], self.means[1], GRID)
        logs = _logs(values, self.shares, self.means, self.spreads)
        above = np.flatnonzero(logs[:, 1] > logs[:, 0])
        return float(values[above[0]]) if len(above) else float(self.means[0])


@dataclass(frozen=True)
class Unknown:
    """What was found.

    Attributes:
        flags: ``(m,)`` rows that belong to no class.
        seen: Whether two kinds of rows are plain to see.
        why: A sentence.
    """

    flags: NDArray[np.bool_]
    seen: bool
    why: str


def unknown_rows(knowledge: Floats, held_out: Floats) -> Unknown:
    """Target rows below a border that the target itself shows.

    Args:
        knowledge: ``(m,)`` of target rows, see ``postprocessing.unknown.knowledge``.
        held_out: ``(h,)`` of source rows that the head did not learn from; none where there are none.
    """
    values = np.asarray(knowledge, np.float64)
    mixture = two_kinds(values) if len(values) >= FEWEST and np.ptp(values) > 0 else None
    if mixture is not None and mixture.better > BETTER and mixture.apart > APART and mixture.shares[0] <= MOST:
        flags = values < mixture.border
        return Unknown(flags, True, f"Two kinds of examples are plain to see, {mixture.apart:.1f} spreads apart.")
    usual = [np.quantile(each, FALSE) for each in (values, held_out) if len(each)]
    why = "No second kind of examples is plain to see, so hardly one is called unknown."
    return Unknown(values < min(usual), False, why)


def two_kinds(values: Floats) -> Mixture:
    """Two normal distributions for ``(m,)`` values that vary, by expectation maximisation."""
    whole = float(values.std())
    means, spreads = np.quantile(values, [0.1, 0.8]), np.full(2, whole / 2)
    shares, before = np.array([0.3, 0.7]), -np.inf
    for _ in range(STEPS):
        logs = _logs(values, shares, means, spreads)
        each = np.logaddexp(logs[:, 0], logs[:, 1])
        held = np.exp(logs - each[:, None])
        counts = held.sum(axis=0) + 1e-9
        shares, means = counts / counts.sum(), (held * values[:, None]).sum(axis=0) / counts
        spreads = np.sqrt((held * (values[:, None] - means) ** 2).sum(axis=0) / counts)
        spreads = np.maximum(spreads, whole / 10)  # neither shrinks onto a few rows
        if (total := float(each.sum())) - before < CLOSE:
            break
        before = total
    order = np.argsort(means)
    m = len(values)
    one = float(_logs(values, np.ones(1), values.mean(keepdims=True), np.array([whole])).sum())
    two = float(np.logaddexp(*_logs(values, shares, means, spreads).T).sum())
    better = 2 * (two - one) - 3 * np.log(m)  # five numbers beside two
    return Mixture(shares[order], means[order], spreads[order], float(better))


def _logs(values: Any, shares: Any, means: Any, spreads: Any) -> Floats:
    """``(m, c)`` log densities times shares."""
    far = (values[:, None] - means) / spreads
    return np.asarray(np.log(shares) - np.log(spreads) - 0.5 * far**2 - 0.5 * np.log(2 * np.pi))
