"""Which training examples travel in a bundle, where the user asked for it, and what of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headstart.bundle.kept_examples import MOST, KeptExamples, most_of_width
from headstart.core.learning import Ints
from headstart.core.seeding import generator
from headstart.data.excerpt import excerpt
from headstart.fitting.examples import shown_target

if TYPE_CHECKING:
    from headstart.fitting.outcome import Outcome


def kept_rows(outcome: Outcome) -> Ints:
    """``(n,)`` rows of the training part, ascending: drawn at random, of each class or range of numbers as many."""
    learning = outcome.learning
    features = outcome.features(learning.train.take(np.arange(1)))
    most = most_of_width(features.shape[1]) if isinstance(features, np.ndarray) else MOST
    return evenly_drawn(learning.strata, most, generator(learning.seed, "kept_examples"))


def evenly_drawn(strata: Ints, most: int, rng: np.random.Generator) -> Ints:
    """Up to ``most`` of N rows, ascending: first one of each stratum, then a second one, and so on.

    Args:
        strata: ``(N,)`` numbers.
        most: Rows.
        rng: Decides which.
    """
    order = rng.permutation(len(strata))
    turn = np.empty(len(strata), np.int64)  # the how manieth of its stratum each row is
    for stratum in np.unique(strata):
        of_it = order[strata[order] == stratum]
        turn[of_it] = np.arange(len(of_it))
    return np.sort(order[np.argsort(turn[order], kind="stable")][:most])


def kept_examples(outcome: Outcome) -> KeptExamples:
    """Features, targets and excerpts of :func:`kept_rows`."""
    train, rows = outcome.learning.train, kept_rows(outcome)
    written = [shown_target(target) for target in outcome.chosen.task.written(outcome.learning.targets.take(rows))]
    return KeptExamples(outcome.features(train.take(rows)), written, [excerpt(train, int(row)) for row in rows])
