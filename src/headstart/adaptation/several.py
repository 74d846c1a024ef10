"""Source rows of several domains: each domain moved by a map of its own, and how near each is to the target.

A domain says what it looks like only where its rows are enough and its classes come about as often as in all of them:
else what differs in classes would be taken for a difference in looks. Rows of other domains go with the map of all.

Weights follow Mansour, Mohri & Rostamizadeh (NeurIPS 2009, arXiv:0902.3430): the target is taken for a mixture of the
source domains. Its shares are found by expectation maximisation (``adapters/prior_em.py``) in what a classifier that
tells the source domains apart says of the target rows. Half of all weight stays where it is, so that no domain is
thrown away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from headstart.adaptation.contract import Map
from headstart.adaptation.domains import Labeled
from headstart.adaptation.geometry import LEAST_ROWS, doubles, spreads
from headstart.core.errors import DataError
from headstart.core.learning import Floats, Ints, Targets
from headstart.core.resources import one_blas_thread

FAR_SHARES = 0.5  # half the sum of the differences in shares of classes, from which a domain says too little of looks
KEPT = 0.5  # share of all weight that no mixture moves
PENALTY = 1.0  # per feature, of the classifier of domains: strong, as in ``density.py``
MOST = 500  # rows of either side that distances are measured on


@dataclass(frozen=True)
class EachMoved:
    """Rows of several domains to where they would lie in the target domain.

    Attributes:
        maps: By number of the domain.
        whole: For domains that say too little themselves.
        made: A map from features ``(n, D)``, for domains of which no row was there before.
        known: Numbers of the domains of which rows were there.
    """

    maps: Mapping[int, Map]
    whole: Map
    made: Callable[[Any], Map]
    known: frozenset[int]

    def __call__(self, rows: Labeled) -> Floats:
        """``(n, D)`` float32. A domain that was held out as a whole is moved by a map that is made of its rows."""
        moved: Floats = np.empty(rows.features.shape, np.float32)
        of_row = origins(rows)
        for number in np.unique(of_row).tolist():
            mine = of_row == number
            way = self.maps.get(number, self.whole)
            if number not in self.known and mine.sum() >= LEAST_ROWS:
                way = self.made(rows.features[mine])
            moved[mine] = way(rows.features[mine])
        return moved


def each_moved(source: Labeled, made: Callable[[Any], Map]) -> EachMoved:
    """Maps of all domains that say what they look like; ``made`` gives one from features ``(n, D)``.

    Raises:
        DataError: as ``made`` does for all rows.
    """
    of_row, maps = origins(source), dict[int, Map]()
    numbers = np.unique(of_row).tolist()
    for number in numbers:
        mine = of_row == number
        if says_looks(source.targets.take(mine), source.targets):
            maps[number] = made(source.features[mine])
    return EachMoved(maps, made(source.features), made, frozenset(numbers))


def origins(rows: Labeled) -> Ints:
    """``(n,)`` numbers of the domains; 0 where it is one."""
    return np.zeros(len(rows), np.int64) if rows.origin is None else rows.origin


def says_looks(mine: Targets, every: Targets) -> bool:
    """Whether the rows of a domain are enough, and their classes come about as often as in all rows."""
    if len(mine) < LEAST_ROWS:
        return False
    here, there = (np.bincount(each.values, minlength=every.width) / len(each) for each in (mine, every))
    return float(np.abs(here - there).sum()) / 2 < FAR_SHARES


def mixture(source: Labeled, target: Any) -> Floats:
    """``(S,)`` shares of the source domains whose mixture the target rows ``(m, D)`` look like most; they sum to 1.

    Raises:
        DataError: one domain alone.
    """
    from headstart.adaptation.adapters.prior_em import shares_by_em
    from headstart.evaluation.softmax import softmax
    from headstart.methods.fixed_penalty import solve_at_penalty
    from headstart.methods.threads import torch_threads

    numbers, codes, counts = np.unique(origins(source), return_inverse=True, return_counts=True)
    if len(numbers) < 2:
        raise DataError("it needs rows of at least two source domains, and all are of one")
    even = (len(codes) / len(numbers) / counts)[codes]  # each domain weighs the same
    features = np.asarray(source.features, np.float32)
    with one_blas_thread(), torch_threads(1):
        weight, bias = solve_at_penalty(
            features, Targets(codes.astype(np.int64), "class", len(numbers)), even[None],
            PENALTY * features.shape[1], 0.1, 1e-4,
        )  # fmt: skip
    said = softmax(np.asarray(target, np.float64) @ weight[0].T + bias[0])
    return shares_by_em(said, np.full(len(numbers), 1 / len(numbers)))


def row_weights(source: Labeled, shares: Floats) -> Floats:
    """``(n,)`` weights of mean 1: KEPT for every row, the rest by the shares ``(S,)`` of the domains.

    >>> rows = Labeled(np.zeros((4, 1)), Targets(np.zeros(4, int), "class", 2), np.arange(4), np.ones(4, bool),
    ...                np.array([0, 0, 0, 1]))
    >>> row_weights(rows, np.array([0.25, 0.75])).round(3).tolist()
    [0.667, 0.667, 0.667, 2.0]
    """
    _, codes, counts = np.unique(origins(source), return_inverse=True, return_counts=True)
    return np.asarray(KEPT + (1 - KEPT) * (shares * len(codes) / counts)[codes])


def distance(ours: Any, theirs: Any, rng: np.random.Generator) -> float:
    """Squared maximum mean discrepancy between rows ``(n, D)`` and ``(m, D)``, about 0 where they are of one domain.

    Gretton et al., JMLR 13, 2012: the unbiased estimate, with a Gaussian kernel as wide as the median distance, on
    features in units of their spreads. Two rows or more on both sides.
    """
    one, two = (doubles(each[np.sort(rng.permutation(len(each))[:MOST])]) for each in (ours, theirs))
    scale = spreads(np.concatenate([one, two]))
    one, two = one / scale, two / scale
    here, there, between = _squared(one, one), _squared(two, two), _squared(one, two)
    width = float(np.median(between))
    n, m = len(one), len(two)
    own = [(np.exp(-each / width).sum() - k) / (k * (k - 1)) for each, k in ((here, n), (there, m))]
    return float(own[0] + own[1] - 2 * np.exp(-between / width).mean())


def _squared(one: Any, two: Any) -> Any:
    found = (one**2).sum(axis=1)[:, None] + (two**2).sum(axis=1)[None] - 2 * one @ two.T
    return np.maximum(found, 0.0)
